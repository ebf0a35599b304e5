/** The versions of company policy in PostgreSQL, and the decider of the active one in every process. */
import {
  createPolicyDecider,
  createPolicySet,
  type PolicyDecider,
  type PolicyProblem,
  type PolicyRefusal,
  type PolicySet,
  validatePolicies,
} from '@carnet/policy'
import { accept, type EpochSeconds, Fault, type Log, type Result } from '@carnet/protocol'
import type { Database, Queryable, Transaction } from '../engine/index.ts'
import { createLiveView } from '../live/live-view.ts'

/** The topic on which every process hears of a new policy. */
export const POLICY_TOPIC = 'policy'

export interface PolicyVersion {
  readonly version: string
  readonly text: string
  readonly author: string
  readonly reason: string
  readonly createdAt: EpochSeconds
  /** Exactly one version is active, once there is any. */
  readonly state: 'active' | 'superseded'
}

export interface PolicyStore {
  /**
   * Makes a text the policy of the company; this process decides by it when the call resolves.
   *
   * @returns every problem of the text and its place; nothing has changed then
   */
  publish(policy: Pick<PolicyVersion, 'text' | 'author' | 'reason'>): Promise<Result<PolicyVersion, PolicyRefusal>>
  /** Newest first. */
  history(limit: number): Promise<readonly PolicyVersion[]>
  /**
   * Decides by the active version; before there is one, nothing is permitted.
   *
   * @throws {Fault} `store-unavailable` where a newer version is known to exist and could not be read
   */
  currentDecider(): PolicyDecider
  close(): void
}

const COLUMNS = 'version, text, author, reason, created_at, state'

interface InForce {
  readonly version: string
  readonly decider: PolicyDecider
}

/** @throws {Fault} `policy-unavailable` where the active version does not validate here */
export async function createPolicyStore(db: Database, log: Log): Promise<PolicyStore> {
  const view = await createLiveView<InForce>(db, POLICY_TOPIC, log, (known) => readInForce(db, known))
  return {
    currentDecider: () => view.current().decider,
    close: view.close,
    async publish(policy) {
      const valid = validatePolicies(policy.text)
      if (!valid.ok) return valid
      const createdAt = await db.now()
      const published = await db.transaction(async (tx) => {
        const version = await insertActive(tx, policy, createdAt)
        await db.publish(tx, POLICY_TOPIC)
        return version
      })
      await view.refresh()
      return accept(published)
    },
    async history(limit) {
      const rows = await db.query<VersionRow>(`select ${COLUMNS} from policy_version order by version desc limit $1`, [
        limit,
      ])
      return rows.map(fromRow)
    },
  }
}

/** The decider that is already there stays, with all it remembers, while its version is the active one. */
async function readInForce(db: Queryable, known: InForce | undefined): Promise<InForce> {
  const [row] = await db.query<VersionRow>(`select ${COLUMNS} from policy_version where state = 'active'`)
  const version = row === undefined ? NO_POLICY.version : String(row.version)
  if (known?.version === version) return known
  return { version, decider: createPolicyDecider(row === undefined ? NO_POLICY : policySetOf(fromRow(row))) }
}

const NO_POLICY: PolicySet = { version: 'none', rules: [] }

function policySetOf({ text, version }: PolicyVersion): PolicySet {
  const set = createPolicySet({ text, version })
  if (set.ok) return set.value
  const problems = set.refusal.problems.map(problemText).join('; ')
  throw new Fault('policy-unavailable', `Policy version ${version} does not validate: ${problems}`)
}

function problemText({ message, rule, place }: PolicyProblem): string {
  return `${rule ?? 'rule'} at ${place?.line ?? '?'}:${place?.column ?? '?'}: ${message}`
}

async function insertActive(
  tx: Transaction,
  { text, author, reason }: Pick<PolicyVersion, 'text' | 'author' | 'reason'>,
  createdAt: EpochSeconds,
): Promise<PolicyVersion> {
  // One publisher at a time: the last one's version is the active one.
  await tx.query('lock table policy_version in share row exclusive mode')
  await tx.query(`update policy_version set state = 'superseded' where state = 'active'`)
  const [row] = await tx.query<VersionRow>(
    `insert into policy_version (text, author, reason, created_at, state) values ($1, $2, $3, $4, 'active')
     returning ${COLUMNS}`,
    [text, author, reason, createdAt],
  )
  if (row === undefined) throw new Fault('internal', 'A policy version was not inserted')
  return fromRow(row)
}

interface VersionRow {
  readonly version: number
  readonly text: string
  readonly author: string
  readonly reason: string
  readonly created_at: EpochSeconds
  readonly state: PolicyVersion['state']
}

function fromRow({ version, created_at: createdAt, ...rest }: VersionRow): PolicyVersion {
  return { ...rest, version: String(version), createdAt }
}
