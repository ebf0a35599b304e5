/** Which URLs may be asked, and which may be opened. */

export function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:'
}

/** Plain http that never leaves this machine. */
export function isLoopbackHttp(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]')
}

/** Whether secrets and grants may travel to `url` (CLI-13). */
export function isSecureEndpoint(url: string, allowInsecureLoopback: boolean): boolean {
  return isHttps(url) || (allowInsecureLoopback && isLoopbackHttp(url))
}

export function sameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin
}

/**
 * A URL fit to be opened in a browser: http or https and nothing else, in its canonical spelling, so that what
 * the browser is given contains no white space or quote (CLI-23).
 *
 * @param value - may come from a server
 */
export function browserUrl(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined
  const url = new URL(value)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  if (url.username !== '' || url.password !== '') return undefined
  return url.href
}
