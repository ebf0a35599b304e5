/**
 * The Cedar schema policies are written against: a public contract, because companies write rules by hand.
 *
 * Classes and environments are enumerated, so that a misspelt one does not validate; a `forbid` that silently
 * never matches is the worst rule of all.
 */
export const POLICY_SCHEMA = `// A group of the directory, by name.
entity Group;

// A person, by directory id. Directory attributes are tags: principal.getTag("department").
entity User in [Group] tags String;

// By issuer identifier.
entity AuthorizationServer;

// An MCP server, by its resource identifier.
entity Server in [AuthorizationServer];

// How much harm a scope can do; risk numbers the classes from 1 to 4 in this order.
entity Class enum ["read", "write", "destructive", "sensitive"];

// One scope of one server; its id is the resource identifier, "#" and the scope.
entity Scope in [Server] {
  name: String,
  class: Class,
  risk: Long,
};

// An MCP client, by its id at the issuer.
entity Client;

entity Environment enum ["production", "sandbox"];

// How the person signed in, and how many seconds ago.
type Login = {
  acr: String,
  amr: Set<String>,
  ageSeconds: Long,
};

// The client acts for the person at the server with the scope.
action use appliesTo {
  principal: User,
  resource: Scope,
  context: {
    client: Client,
    login: Login,
    environment: Environment,
  },
};
`

const CLASSES = ['read', 'write', 'destructive', 'sensitive'] as const

/** The `risk` of a scope of that class. */
export function riskOf(scopeClass: (typeof CLASSES)[number]): number {
  return CLASSES.indexOf(scopeClass) + 1
}

/** The entity id of one scope of one server. A resource identifier holds no `#`, so no two are alike. */
export function scopeEntityId(resource: string, scope: string): string {
  return `${resource}#${scope}`
}
