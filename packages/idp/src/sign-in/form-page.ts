/** The sign-in page: a form with a username and a password. */
import { escapeHtml, type Page } from './html.ts'

export interface FormPage {
  readonly action: string
  readonly clientName: string
  readonly username: string
  /** What went wrong last time; nothing on the first visit. */
  readonly problem: string | undefined
}

export function formPage({ action, clientName, username, problem }: FormPage): Page {
  const failed = problem !== undefined
  const about = failed ? ' aria-invalid="true" aria-describedby="problem"' : ''
  // The cursor goes where the person has something to do: to what is empty.
  const [focusName, focusPassword] = username === '' ? [' autofocus', ''] : ['', ' autofocus']
  return {
    title: failed ? 'Problem: Sign in – Carnet' : 'Sign in – Carnet',
    body: `<h1>Sign in</h1>
<p>to continue to <strong>${escapeHtml(clientName)}</strong></p>
${failed ? `<div class="alert" role="alert"><p id="problem">${escapeHtml(problem)}</p></div>` : ''}
<form method="post" action="${escapeHtml(action)}">
<label for="username">Username</label>
<input id="username" name="username" type="text" value="${escapeHtml(username)}" autocomplete="username" autocapitalize="none" spellcheck="false" required${about}${focusName}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${about}${focusPassword}>
<button type="submit">Sign in</button>
<button type="submit" class="quiet" name="cancel" value="yes" formnovalidate>Cancel</button>
</form>
<p class="small">Demo organisation. Do not enter a password you use elsewhere.</p>`,
  }
}
