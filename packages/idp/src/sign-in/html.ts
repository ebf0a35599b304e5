/** The look and the armour of every page of the issuer. They work without JavaScript, because they have none. */
import { createHash } from 'node:crypto'

const STYLE = `
:root { color-scheme: light dark; --ink: #17202a; --paper: #fff; --ground: #eef1f4; --line: #66717d; --act: #0b57d0; --on-act: #fff; --alert: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf0; --paper: #1d232a; --ground: #12161b; --line: #8b96a3; --act: #a8c7fa; --on-act: #062e6f; --alert: #f2b8b5 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 24rem; padding: 2rem; background: var(--paper); border-radius: .75rem }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: 0 0 1.25rem; overflow-wrap: anywhere }
label { display: block; margin-bottom: .25rem; font-weight: 600 }
input { width: 100%; margin-bottom: 1.25rem; padding: .625rem .75rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .375rem }
input[aria-invalid=true] { border: 2px solid var(--alert) }
button { width: 100%; min-height: 2.75rem; margin-bottom: .75rem; font: inherit; font-weight: 600; cursor: pointer; color: var(--on-act); background: var(--act); border: 1px solid var(--act); border-radius: .375rem }
button.quiet { color: var(--act); background: transparent }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px }
.alert { margin-bottom: 1.25rem; padding: .75rem 1rem; border: 2px solid var(--alert); border-radius: .375rem }
.alert p { margin: 0 }
.small { font-size: .875rem; margin: 0 }
`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

export interface Page {
  readonly title: string
  /** HTML. Whatever comes from outside has gone through `escapeHtml`. */
  readonly body: string
}

export function pageHtml({ title, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`
}

/** @param text - attacker-controlled */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

/**
 * The headers of a page: nothing loads, nothing runs, nobody frames it, nobody keeps it, no address leaks. Only
 * this server learns where a form comes from, and by that tells its own from others.
 *
 * @param formTargets - sources a form may lead to, beside this server
 */
export function pageHeaders(formTargets: readonly string[] = []): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    "script-src 'none'",
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
}

/**
 * Where a submitted sign-in may lead: browsers hold the whole chain of redirects to `form-action`, and a client's
 * redirect URI may itself hand on, to a native application's loopback address for one.
 *
 * @param redirectUri - one the client registered
 */
export function formTargetsFor(redirectUri: string): readonly string[] {
  const common = ['https:', 'http://127.0.0.1:*', 'http://localhost:*']
  if (!URL.canParse(redirectUri)) return common
  const { protocol, hostname, origin } = new URL(redirectUri)
  if (protocol === 'https:') return common
  if (protocol !== 'http:') return [...common, protocol]
  // A content security policy has no way to name an IPv6 address.
  return [...common, hostname.startsWith('[') ? 'http:' : origin]
}
