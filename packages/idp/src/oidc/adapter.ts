/**
 * Lets `oidc-provider` keep its artefacts in our store, under the hash of their values.
 *
 * What a reader of the database finds there is no credential: neither the key of a row nor its content holds
 * the session cookie, code or token that the row is about.
 */
import { createHash } from 'node:crypto'
import type { ClientId, Clock, EpochSeconds, PersonId, SessionId } from '@carnet/protocol'
import type { Adapter, AdapterPayload, errors } from 'oidc-provider'
import type { OidcRecord, OidcRecords } from './ports.ts'

export interface AdapterContext {
  readonly records: OidcRecords
  /** Ends a sign-in whose grant has been revoked. */
  readonly endSignIn: (sid: SessionId) => Promise<void>
  readonly clock: Clock
  /** The registered client as `oidc-provider` sees it, or `undefined` while it is not enabled. */
  readonly findClient: (id: ClientId) => AdapterPayload | undefined
  readonly InvalidGrant: typeof errors.InvalidGrant
}

/** One adapter for each model, as `oidc-provider` asks for them. */
export function createAdapterFactory(context: AdapterContext): (model: string) => Adapter {
  return (model) => (model === 'Client' ? clientAdapter(context) : artefactAdapter(model, context))
}

function artefactAdapter(model: string, context: AdapterContext): Adapter {
  const { records, clock, InvalidGrant } = context
  return {
    async upsert(id, payload, expiresIn) {
      await records.save(toRecord(model, id, payload, expiryOf(payload, expiresIn, clock.now())))
    },

    async find(id) {
      const record = await records.find(model, hashOfValue(id))
      return record && fromRecord(record, id)
    },

    async findByUid(uid) {
      const record = await records.findByUid(model, uid)
      return record && fromRecord(record, undefined)
    },

    async findByUserCode() {
      return undefined
    },

    async consume(id) {
      // `oidc-provider` looks first and consumes later: of two at once, both would have looked in time.
      if ((await records.consume(model, hashOfValue(id), clock.now())) === 'first') return
      const record = await records.find(model, hashOfValue(id))
      if (record?.grantId !== undefined) await revokeGrant(record.grantId, context)
      throw new InvalidGrant('already used')
    },

    async destroy(id) {
      await records.remove(model, hashOfValue(id))
    },

    revokeByGrantId: (grantId) => removeByGrant(model, grantId, context),
  }
}

const MODELS_OF_A_GRANT = ['AuthorizationCode', 'RefreshToken', 'AccessToken']

/** The grant goes first: what is being issued from it meanwhile finds that it is gone. */
async function revokeGrant(grantId: string, context: AdapterContext): Promise<void> {
  await context.records.remove('Grant', hashOfValue(grantId))
  for (const model of MODELS_OF_A_GRANT) await removeByGrant(model, grantId, context)
}

async function removeByGrant(model: string, grantId: string, context: AdapterContext): Promise<void> {
  const ended = await context.records.removeByGrant(model, grantId)
  // An ID Token of a revoked grant must not go on working as a subject token.
  for (const sid of new Set(ended)) await context.endSignIn(sid)
}

/** The registry is the truth about clients; `oidc-provider` only reads a projection of it. */
function clientAdapter({ findClient }: AdapterContext): Adapter {
  const readOnly = async () => {
    throw new Error('clients are registered elsewhere')
  }
  return {
    find: async (id) => findClient(id as ClientId),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    upsert: readOnly,
    consume: readOnly,
    destroy: readOnly,
    revokeByGrantId: readOnly,
  }
}

export function hashOfValue(value: string): string {
  return createHash('sha256').update(value).digest('base64url')
}

/** Stands in a stored payload where the artefact's own value was. JSON text never holds it: it would be escaped. */
const OWN_VALUE = '\u0001'

export function toRecord(
  model: string,
  id: string,
  payload: AdapterPayload,
  expiresAt: EpochSeconds | undefined,
): OidcRecord {
  return {
    model,
    idHash: hashOfValue(id),
    uid: payload.uid,
    grantId: payload.grantId,
    person: personOf(payload),
    client: payload.clientId as ClientId | undefined,
    sid: payload.sid as SessionId | undefined,
    payload: JSON.stringify(withoutSessionCookie(payload)).replaceAll(id, OWN_VALUE),
    consumedAt: undefined,
    expiresAt,
  }
}

/** @param id - the value the artefact was asked for by; a session found by its second name goes without */
function fromRecord(record: OidcRecord, id: string | undefined): AdapterPayload {
  const payload = payloadOf(record, id)
  if (id === undefined) delete payload.jti
  // The sign-in may have changed since the payload was written.
  if (record.sid !== undefined) payload.sid = record.sid
  if (record.consumedAt !== undefined) payload.consumed = record.consumedAt
  return payload
}

/** What was stored, with the artefact's own value put back where it is known. */
export function payloadOf(record: OidcRecord, id = ''): AdapterPayload {
  return JSON.parse(record.payload.replaceAll(OWN_VALUE, id))
}

/** An interaction remembers the cookie of the session it began in, and nothing reads it. */
function withoutSessionCookie(payload: AdapterPayload): AdapterPayload {
  if (payload.session?.cookie === undefined) return payload
  const { cookie: _, ...session } = payload.session
  return { ...payload, session }
}

function personOf(payload: AdapterPayload): PersonId | undefined {
  const id = payload.accountId ?? payload.session?.accountId ?? payload.result?.login?.accountId
  return id as PersonId | undefined
}

function expiryOf(payload: AdapterPayload, expiresIn: number, now: EpochSeconds): EpochSeconds | undefined {
  if (payload.exp !== undefined) return payload.exp as EpochSeconds
  return expiresIn > 0 ? ((now + expiresIn) as EpochSeconds) : undefined
}
