import { parseStrictJson } from '@carnet/protocol'

/** What a JWT says, without a look at its signature. For checks that decide nothing about trust. */
export function unverifiedPayload(jwt: string): unknown {
  const json = parseStrictJson(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'))
  return json.ok ? json.value : undefined
}
