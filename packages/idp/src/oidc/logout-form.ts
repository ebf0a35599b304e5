/**
 * Logout requests that arrive as a form.
 *
 * `oidc-provider` takes them as a query only. A form from another site also arrives without the session cookie,
 * so it is shown again as a form of ours: what that one sends comes with it.
 *
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout RP-Initiated Logout §2}
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Form, oauthErrorAnswer, readNodeForm, requestError, STRICT_FORM, writeAnswer } from '@carnet/http'
import { escapeHtml, pageHeaders, pageHtml } from '../sign-in/html.ts'

const PARAMETERS = ['id_token_hint', 'post_logout_redirect_uri', 'state', 'client_id', 'logout_hint', 'ui_locales']

/**
 * Turns the form into the query `oidc-provider` reads. The address stays inside this process: a token never
 * stands in one that anybody sees.
 *
 * @returns whether the request is now one that `oidc-provider` can answer; otherwise it has been answered
 */
export async function takeLogoutForm(
  request: IncomingMessage,
  response: ServerResponse,
  action: string,
): Promise<boolean> {
  const form = await readNodeForm(request, STRICT_FORM)
  if (!form.ok) {
    writeAnswer(response, oauthErrorAnswer(requestError(form.refusal)))
    return false
  }
  const { origin } = request.headers
  if (origin !== undefined && origin !== new URL(action).origin) {
    response.writeHead(200, pageHeaders())
    response.end(pageHtml({ title: 'Sign out – Carnet', body: askAgain(form.value, action) }))
    return false
  }
  request.method = 'GET'
  request.url = `${request.url?.split('?')[0]}?${new URLSearchParams(parametersOf(form.value))}`
  delete request.headers['content-type']
  delete request.headers['content-length']
  return true
}

function parametersOf(form: Form): [string, string][] {
  return PARAMETERS.flatMap((name): [string, string][] => {
    const value = form.get(name)
    return value === undefined ? [] : [[name, value]]
  })
}

function askAgain(form: Form, action: string): string {
  const fields = parametersOf(form).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  )
  return `<h1>Do you want to sign out?</h1>
<p>The application you come from asks for it. To stay signed in, close this page.</p>
<form method="post" action="${escapeHtml(action)}">
${fields.join('\n')}
<button type="submit" autofocus>Sign out</button>
</form>`
}
