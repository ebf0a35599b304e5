/**
 * Access tokens, kept per person, authorization server, resource and client. A token that was issued under
 * another of these is never found.
 */
import {
  type DroppedScope,
  droppedScope,
  type EpochSeconds,
  Hidden,
  type IssuerId,
  parseTxn,
  type ResourceId,
  type Scope,
  type Subject,
} from '@carnet/protocol'
import { z } from 'zod'
import type { Settings } from '../config.ts'
import type { Registration } from '../discovery/enterprise-managed.ts'
import type { Access } from '../outcome.ts'
import type { Identity } from '../sign-in/identity.ts'

/** A token with what is needed to decide whether it still serves. */
export interface HeldAccess extends Access {
  /** What it was asked for with; `undefined`: everything policy gives. */
  readonly requestedScopes: readonly Scope[] | undefined
  /** From here on a new one is asked for, while this one still works. */
  readonly renewFrom: EpochSeconds
}

const scope = z.string().transform((value) => value as Scope)
const instant = z.number().transform((value) => value as EpochSeconds)
const stored = z.strictObject({
  accessToken: z.string().transform((value) => new Hidden(value)),
  resource: z.string().transform((value) => value as ResourceId),
  authorizationServer: z.string().transform((value) => value as IssuerId),
  scopes: z.array(scope),
  droppedScopes: z.array(droppedScope),
  expiresAt: instant,
  txn: z.string().optional(),
  requestedScopes: z.array(scope).optional(),
  renewFrom: instant,
})

const KIND = 'access'

export function accessKey(
  { issuer, subject }: Identity,
  { issuer: ras, credentials }: Registration,
  resource: string,
): string {
  return JSON.stringify([KIND, issuer, subject, ras, resource, credentials.id])
}

/** Whether `key` holds an access token obtained through the company login of these settings, for `subject` if given. */
export function isAccessKey(key: string, { issuer }: Settings, subject?: Subject): boolean {
  const parts: unknown = JSON.parse(key)
  if (!Array.isArray(parts) || parts[0] !== KIND || parts[1] !== issuer) return false
  return subject === undefined || parts[2] === subject
}

export async function readAccess(key: string, { store }: Settings): Promise<HeldAccess | undefined> {
  const text = await store.read(key)
  if (text === undefined) return undefined
  const entry = stored.safeParse(JSON.parse(text.reveal()))
  // An entry of another version of this library is as good as none: what it stood for can be had again.
  if (!entry.success) return undefined
  const { requestedScopes, txn, ...rest } = entry.data
  return { ...rest, requestedScopes, txn: parseTxn(txn) }
}

export async function writeAccess(key: string, access: HeldAccess, { store }: Settings): Promise<void> {
  await store.write(key, new Hidden(JSON.stringify({ ...access, accessToken: access.accessToken.reveal() })))
}

/** A minute before the end; of a short life, the last fifth. */
const LEAD_SECONDS = 60

export function renewalTime(now: EpochSeconds, lifetimeSeconds: number): EpochSeconds {
  return (now + lifetimeSeconds - Math.min(LEAD_SECONDS, Math.floor(lifetimeSeconds / 5))) as EpochSeconds
}

/** Whether `held` already answers a wish for these scopes: they were granted, or asked for and refused. */
export function covers(held: HeldAccess, wanted: readonly Scope[] | undefined): boolean {
  const { requestedScopes, scopes, droppedScopes } = held
  if (wanted === undefined) return true
  const known = new Set<string>([...scopes, ...(requestedScopes ?? []), ...names(droppedScopes)])
  return wanted.every((one) => known.has(one))
}

function names(dropped: readonly DroppedScope[]): readonly string[] {
  return dropped.map(({ scope: name }) => name)
}
