/** The pages of the OpenID side: errors and logging out. */
import type { Txn } from '@carnet/protocol'
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider'
import { escapeHtml, type Page, pageHeaders, pageHtml } from '../sign-in/html.ts'

export interface IssuerPages {
  /** @param form - the HTML of an empty form with the id `op.logoutForm` */
  confirmLogout(ctx: KoaContextWithOIDC, form: string): void
  loggedOut(ctx: KoaContextWithOIDC): void
  error(ctx: KoaContextWithOIDC, out: ErrorOut): void
  failure(ctx: KoaContextWithOIDC, txn: Txn): void
}

export const issuerPages: IssuerPages = {
  confirmLogout(ctx, form) {
    const uri = ctx.oidc.params?.post_logout_redirect_uri
    const target = typeof uri === 'string' && URL.canParse(uri) ? [sourceOfTarget(uri)] : []
    show(ctx, confirmLogoutPage(form), target)
  },
  loggedOut: (ctx) => show(ctx, LOGGED_OUT),
  error: (ctx, out) => show(ctx, errorPage(out.error, out.error_description)),
  failure: (ctx, txn) => show(ctx, failurePage(txn)),
}

function show(ctx: KoaContextWithOIDC, page: Page, formTargets: readonly string[] = []): void {
  ctx.set(pageHeaders(formTargets))
  ctx.body = pageHtml(page)
}

function sourceOfTarget(uri: string): string {
  const { protocol, origin } = new URL(uri)
  return protocol === 'https:' || protocol === 'http:' ? origin : protocol
}

function confirmLogoutPage(form: string): Page {
  return {
    title: 'Sign out – Carnet',
    body: `<h1>Do you want to sign out?</h1>
<p>You will be signed out of everything you opened with this sign-in. To stay signed in, close this page.</p>
${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>`,
  }
}

const LOGGED_OUT: Page = {
  title: 'Signed out – Carnet',
  body: '<h1>You are signed out</h1>\n<p>You can close this page.</p>',
}

/** @param description - written by us or `oidc-provider`; may repeat a received value */
export function errorPage(error: string, description: string | undefined): Page {
  return {
    title: 'This did not work – Carnet',
    body: `<h1>This did not work</h1>
<p>The application that sent you here asked for something that is not possible. Go back to it and try again; if that
does not help, tell whoever runs it what stands below.</p>
<p><strong>${escapeHtml(error)}</strong>${description === undefined ? '' : `<br>${escapeHtml(description)}`}</p>`,
  }
}

export function failurePage(txn: Txn): Page {
  return {
    title: 'Try again later – Carnet',
    body: `<h1>Try again later</h1>
<p>Something on our side does not answer. It is not your fault. If it lasts, tell your administrators this number:</p>
<p><strong>${escapeHtml(txn)}</strong></p>`,
  }
}
