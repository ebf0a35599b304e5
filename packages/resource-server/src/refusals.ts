/** Every reason a guard says no for. */
import type { Scope } from '@carnet/protocol'
import type { SignatureRefusal } from '@carnet/tokens'
import type { Caller } from './caller.ts'

/** The request reached us under another name, or from a page that has no business here. */
export type AddressRefusal =
  | { readonly reason: 'bad-host'; readonly host: string }
  | { readonly reason: 'bad-origin'; readonly origin: string }

export type CredentialsRefusal =
  | { readonly reason: 'no-credentials' }
  | { readonly reason: 'malformed-credentials' }
  | { readonly reason: 'two-methods' }

/** The access token is not one we may act on. */
export type TokenRefusal =
  | SignatureRefusal
  | { readonly reason: 'wrong-type'; readonly typ: string }
  | { readonly reason: 'unknown-issuer'; readonly iss: string | undefined }
  | { readonly reason: 'invalid-claims'; readonly paths: readonly string[] }
  | { readonly reason: 'inactive' }
  | { readonly reason: 'wrong-audience'; readonly aud: readonly string[] }
  | { readonly reason: 'key-bound' }
  | { readonly reason: 'not-yet-valid'; readonly claim: 'iat' | 'nbf' }
  | StandingRefusal

/** The token was good once, so it is known whose it was. */
export type StandingRefusal =
  | { readonly reason: 'expired'; readonly caller: Caller }
  | { readonly reason: 'revoked'; readonly caller: Caller; readonly record: string; readonly eventId: string }

export type ToolRefusal =
  | { readonly reason: 'insufficient-scope'; readonly tool: string; readonly needed: readonly Scope[] }
  | { readonly reason: 'unknown-tool'; readonly tool: string }

/** The client did not say that it speaks the extension this server requires. */
export type ExtensionRefusal = { readonly reason: 'extension-undeclared' }

export type EntryRefusal = AddressRefusal | CredentialsRefusal | TokenRefusal
export type MessageRefusal = ToolRefusal | ExtensionRefusal
export type GuardRefusal = EntryRefusal | MessageRefusal
