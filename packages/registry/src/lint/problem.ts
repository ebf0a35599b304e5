/** What is wrong with a registry, and where. */
export interface RegistryProblem {
  /** For example `servers[2].scopes[0].name`. */
  readonly path: string
  readonly message: string
}

/** A rule's verdict on one value: the message, if it is broken. */
export type Check = readonly [path: string, holds: boolean, message: string]

export function broken(checks: readonly Check[]): readonly RegistryProblem[] {
  return checks.filter(([, holds]) => !holds).map(([path, , message]) => ({ path, message }))
}

/** Positions of the values that an earlier position already has. */
export function repeated(values: readonly string[]): ReadonlySet<number> {
  const seen = new Set<string>()
  const again = new Set<number>()
  for (const [position, value] of values.entries()) {
    if (seen.has(value)) again.add(position)
    seen.add(value)
  }
  return again
}

/** https, or http on this machine for development; no user information. */
export function isWebUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname, username, password } = new URL(value)
  const loopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && loopback))
}
