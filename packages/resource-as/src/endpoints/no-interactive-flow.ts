/**
 * The authorization endpoint of a server that has no interactive flow: the metadata must name one (Δ C-42), so whoever
 * is sent there is told what happened.
 */
import type { Answer } from '@carnet/http'

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>No sign-in here</title></head>
<body>
<main>
<h1>There is no sign-in here</h1>
<p>This authorization server takes grants from your company's identity provider and has no sign-in page of its own.</p>
<p>If an application sent you here, it does not use Enterprise-Managed Authorization. Tell its administrator.</p>
</main>
</body>
</html>
`

export const NO_INTERACTIVE_FLOW: Answer = {
  status: 400,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  },
  body: PAGE,
}
