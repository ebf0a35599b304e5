/** The client of Enterprise-Managed Authorization: one sign-in, and an access token for every server policy allows. */
import { createMetadataCache } from '@carnet/net'
import type { Subject } from '@carnet/protocol'
import { type ClientConfig, readSettings } from './config.ts'
import { type AccessOptions, Connections } from './connect/connections.ts'
import { type EntitledServer, listServers } from './connect/server-list.ts'
import { dropOthers, type SignOutReport, signOut } from './connect/sign-out.ts'
import { type Access, CarnetClientError, notConnected, type Outcome } from './outcome.ts'
import { codeOf, type Step } from './refusal.ts'
import type { AdoptedIdentity } from './sign-in/adopt.ts'
import type { SignInOptions } from './sign-in/authorization-request.ts'
import type { Identity } from './sign-in/identity.ts'
import { Session } from './sign-in/session.ts'

export interface ConnectOptions extends AccessOptions {
  /** Lets this call open the system browser, once, where signing in is what is missing. */
  readonly mayOpenBrowser?: true
}

/** The person who is signed in, as the company's IdP names them to this client. */
export interface SignedIn {
  readonly subject: Subject
}

export interface CarnetClient {
  /** Signs the person in, in their own browser. @throws {CarnetClientError} */
  signIn(options?: SignInOptions): Promise<SignedIn>
  /** Takes over a sign-in made elsewhere. @throws {CarnetClientError} */
  adopt(identity: AdoptedIdentity): Promise<SignedIn>
  signedIn(): Promise<SignedIn | undefined>
  /** Revokes what it can and wipes everything; a server that cannot be reached does not keep it from wiping. */
  signOut(): Promise<SignOutReport>
  /** The MCP servers policy opens to this person. @throws {CarnetClientError} */
  servers(): Promise<readonly EntitledServer[]>
  /** Connects to one server, or says in a form to switch on why not. */
  connect(serverUrl: string, options?: ConnectOptions): Promise<Outcome>
  /** An access token for one server, from the cache while it serves. @throws {CarnetClientError} */
  accessToken(serverUrl: string, options?: ConnectOptions): Promise<Access>
  /** The access token already held for a server in this process; asks nobody. */
  heldAccess(serverUrl: string): Promise<Access | undefined>
}

/** @throws {Fault} `configuration-invalid`, naming every problem by path */
export function createClient(config: ClientConfig): CarnetClient {
  const settings = readSettings(config)
  const metadata = createMetadataCache({ http: settings.http, clock: settings.clock })
  const session = new Session(settings, metadata)
  const connections = new Connections(settings, session, metadata)

  async function begun(step: Promise<Step<Identity>>): Promise<Step<Identity>> {
    const identity = await step
    if (identity.ok) await dropOthers(identity.value, metadata, settings)
    return identity
  }

  async function access(serverUrl: string, { mayOpenBrowser, ...options }: ConnectOptions): Promise<Step<Access>> {
    const first = await connections.access(serverUrl, options)
    if (first.ok || mayOpenBrowser !== true) return first
    const code = codeOf(first.refusal)
    if (code !== 'sign-in-required' && code !== 'step-up-required') return first
    const signedIn = await begun(session.signIn(first.refusal.stepUp ?? {}))
    return signedIn.ok ? connections.access(serverUrl, options) : signedIn
  }

  return {
    signIn: async (options = {}) => publicPart(unwrap(await begun(session.signIn(options)))),
    adopt: async (identity) => publicPart(unwrap(await begun(session.adopt(identity)))),
    signedIn: async () => {
      const identity = await session.person()
      return identity && publicPart(identity)
    },
    signOut: () => signOut(session, metadata, settings),
    servers: async () => unwrap(await listServers(session, settings)),
    connect: async (serverUrl, options = {}) => {
      const result = await access(serverUrl, options)
      return result.ok ? { status: 'connected', ...accessOf(result.value) } : notConnected(result.refusal)
    },
    accessToken: async (serverUrl, options = {}) => accessOf(unwrap(await access(serverUrl, options))),
    heldAccess: async (serverUrl) => {
      const held = await connections.held(serverUrl)
      return held && accessOf(held)
    },
  }
}

function unwrap<Value>(step: Step<Value>): Value {
  if (step.ok) return step.value
  throw new CarnetClientError(step.refusal)
}

function publicPart({ subject }: Identity): SignedIn {
  return { subject }
}

function accessOf({
  accessToken,
  resource,
  authorizationServer,
  scopes,
  droppedScopes,
  expiresAt,
  txn,
}: Access): Access {
  return { accessToken, resource, authorizationServer, scopes, droppedScopes, expiresAt, txn }
}
