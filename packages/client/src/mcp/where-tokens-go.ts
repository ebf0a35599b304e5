/**
 * Whether an access token for `resource` may travel with a request to `url`: the same origin, the resource's own
 * path or below, and never with another token in the query (CLI-15).
 */
export function mayCarryToken(resource: string, url: string): boolean {
  if (!URL.canParse(resource) || !URL.canParse(url)) return false
  const [own, asked] = [new URL(resource), new URL(url)]
  if (own.origin !== asked.origin || asked.searchParams.has('access_token')) return false
  const path = own.pathname.endsWith('/') ? own.pathname : `${own.pathname}/`
  return asked.pathname === own.pathname || asked.pathname.startsWith(path)
}
