/** The demo organisation: who works there, what they use, and what the company allows. Data, no behaviour. */
import type { ClientEntry, ScopeClass } from '@carnet/registry'

export interface DemoScope {
  readonly name: string
  readonly title: string
  readonly class: ScopeClass
}

export interface DemoServer {
  /** Names the process, the authorization server's path and the files of this server. */
  readonly key: 'tracker' | 'billing'
  readonly name: string
  /** Added to the port Carnet listens on. */
  readonly portOffset: number
  readonly authorizationServer: 'standalone' | 'oidc-provider'
  readonly scopes: readonly DemoScope[]
  readonly tools: readonly { readonly name: string; readonly class: ScopeClass; readonly scopes: readonly string[] }[]
}

export const DEMO_SERVERS: readonly DemoServer[] = [
  {
    key: 'tracker',
    name: 'Tracker',
    portOffset: 11,
    authorizationServer: 'standalone',
    scopes: [
      { name: 'issues.read', title: 'Read issues', class: 'read' },
      { name: 'issues.write', title: 'Create and change issues', class: 'write' },
      { name: 'issues.admin', title: 'Delete issues', class: 'destructive' },
    ],
    tools: [
      { name: 'list_issues', class: 'read', scopes: ['issues.read'] },
      { name: 'create_issue', class: 'write', scopes: ['issues.write'] },
      { name: 'delete_issue', class: 'destructive', scopes: ['issues.admin'] },
    ],
  },
  {
    key: 'billing',
    name: 'Billing',
    portOffset: 12,
    authorizationServer: 'oidc-provider',
    scopes: [
      { name: 'billing.read', title: 'Read invoices', class: 'read' },
      { name: 'billing.refund', title: 'Refund customers', class: 'sensitive' },
    ],
    tools: [
      { name: 'list_invoices', class: 'read', scopes: ['billing.read'] },
      { name: 'refund_invoice', class: 'sensitive', scopes: ['billing.refund'] },
    ],
  },
]

export interface DemoPerson {
  readonly username: string
  readonly displayName: string
  readonly groups: readonly string[]
  /** What the policy below comes to for this person, by server: what an outside program may expect. */
  readonly allowed: Readonly<Record<DemoServer['key'], readonly string[]>>
}

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  {
    username: 'alice',
    displayName: 'Alice Berg',
    groups: ['engineering'],
    allowed: { tracker: ['issues.read', 'issues.write'], billing: ['billing.read'] },
  },
  {
    username: 'bob',
    displayName: 'Bob Lind',
    groups: ['support'],
    allowed: { tracker: ['issues.read'], billing: ['billing.read', 'billing.refund'] },
  },
  {
    username: 'carol',
    displayName: 'Carol Moen',
    groups: ['contractors'],
    allowed: { tracker: ['issues.read'], billing: [] },
  },
  {
    username: 'dave',
    displayName: 'Dave Holt',
    groups: ['administrators'],
    allowed: { tracker: ['issues.read', 'issues.write', 'issues.admin'], billing: ['billing.read'] },
  },
]

export interface DemoClient {
  readonly key: string
  readonly name: string
  readonly applicationType: ClientEntry['applicationType']
  readonly redirectUris: readonly string[]
}

/** Loopback redirects: a native client may use any port. */
export const DEMO_CLIENTS: readonly DemoClient[] = [
  { key: 'assistant', name: 'Assistant', applicationType: 'native', redirectUris: ['http://127.0.0.1/callback'] },
  {
    key: 'editor',
    name: 'Editor',
    applicationType: 'native',
    redirectUris: ['http://127.0.0.1/', 'http://127.0.0.1:33418/'],
  },
]

/**
 * The company's policy. Everything that no rule permits is refused.
 *
 * @param resources - resource identifier by server key
 */
export function demoPolicy(resources: Readonly<Record<DemoServer['key'], string>>): string {
  const tracker = `Server::${JSON.stringify(resources.tracker)}`
  const billing = `Server::${JSON.stringify(resources.billing)}`
  return `@id("engineering-works-on-issues")
@title("Engineering reads and writes issues")
permit (principal in Group::"engineering", action == Action::"use", resource in ${tracker})
when { resource.class == Class::"read" || resource.class == Class::"write" };

@id("engineering-reads-invoices")
@title("Engineering reads invoices")
permit (principal in Group::"engineering", action == Action::"use", resource in ${billing})
when { resource.class == Class::"read" };

@id("support-serves-customers")
@title("Support reads invoices and refunds customers")
permit (principal in Group::"support", action == Action::"use", resource in ${billing});

@id("support-reads-issues")
@title("Support reads issues")
permit (principal in Group::"support", action == Action::"use", resource in ${tracker})
when { resource.class == Class::"read" };

@id("contractors-read-issues")
@title("Contractors read issues")
permit (principal in Group::"contractors", action == Action::"use", resource in ${tracker})
when { resource.class == Class::"read" };

@id("administrators-run-everything")
@title("Administrators may use every server")
permit (principal in Group::"administrators", action == Action::"use", resource);

@id("destructive-is-for-administrators")
@title("Destructive scopes are for administrators")
forbid (principal, action == Action::"use", resource)
when { resource.class == Class::"destructive" }
unless { principal in Group::"administrators" };

@id("refunds-are-for-support")
@title("Refunds are for support")
forbid (principal, action == Action::"use", resource)
when { resource.class == Class::"sensitive" }
unless { principal in Group::"support" };
`
}
