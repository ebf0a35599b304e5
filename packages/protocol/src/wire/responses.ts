/**
 * Success and error bodies, as clients read them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1 RFC 8693 §2.2.1}
 */
import { z } from 'zod'
import { ID_JAG_TOKEN_TYPE } from '../urns.ts'

/** A scope that was asked for and not granted, and why. */
export const droppedScope = z.object({
  scope: z.string(),
  reason: z.string(),
  /** The rule that decided, by its public name; absent where no rule matched. */
  rule: z.string().optional(),
})
export type DroppedScope = z.output<typeof droppedScope>

export const idJagResponse = z.object({
  issued_token_type: z.literal(ID_JAG_TOKEN_TYPE),
  access_token: z.string().min(1),
  token_type: z.string().optional(),
  expires_in: z.number().positive().optional(),
  scope: z.string().optional(),
  resource: z.string().optional(),
  txn: z.string().optional(),
  carnet_dropped_scopes: z.array(droppedScope).optional(),
})
export type IdJagResponse = z.output<typeof idJagResponse>

export const accessTokenResponse = z.object({
  access_token: z.string().min(1),
  token_type: z.string().min(1),
  expires_in: z.coerce.number().positive().optional(),
  scope: z.string().optional(),
  resource: z.string().optional(),
  refresh_token: z.string().optional(),
  txn: z.string().optional(),
})
export type AccessTokenResponse = z.output<typeof accessTokenResponse>

export const oauthErrorResponse = z.object({
  error: z.string(),
  error_description: z.string().optional(),
  error_uri: z.string().optional(),
  carnet_reason: z.string().optional(),
  txn: z.string().optional(),
  acr_values: z.string().optional(),
  max_age: z.number().optional(),
})
export type OAuthErrorResponse = z.output<typeof oauthErrorResponse>
