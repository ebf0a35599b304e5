/** Finds what must not be printed: tokens by their shape, secrets by their text. */

/** Parts in base64url, the first of which begins a JSON object (`{"`, `{ "` or `{` with a line break). */
const JWT = /(?:eyJ|eyAi|ewo)[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g
/** Schemes of the `Authorization` header, followed by a credential. */
const AUTHORIZATION = /\b(?:bearer|basic|dpop)\s+(?=[A-Za-z0-9+/_.~-]*[0-9])[A-Za-z0-9+/_.~-]{16,}=*/gi
/** Parameters whose values are credentials, as in a query string or a form. */
const PARAMETER =
  /\b(?:assertion|client_assertion|client_secret|subject_token|actor_token|access_token|refresh_token|id_token|code|code_verifier|password)=[^&\s"']{8,}/gi

/**
 * Token-shaped text in `text`, and every one of `secrets` that occurs in it, whole or form-encoded.
 *
 * @returns the first characters of each finding, so that a failing test does not print the token either
 */
export function findTokenText(text: string, secrets: readonly string[] = []): string[] {
  const shaped = [JWT, AUTHORIZATION, PARAMETER].flatMap((form) => text.match(form) ?? [])
  const known = secrets.filter(
    (secret) => secret !== '' && spellings(secret).some((spelling) => text.includes(spelling)),
  )
  return [...shaped, ...known].map((found) => `${found.slice(0, 12)}… (${found.length} characters)`)
}

function spellings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64')
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), base64.replace(/=+$/, '')]
}
