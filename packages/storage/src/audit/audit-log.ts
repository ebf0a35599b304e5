/** The audit log of one writer: durable before it answers, chained, shared by concurrent requests. */
import { type ChainHead, emptyChain, extendChain, parseEvent, verifyChain } from '@carnet/audit'
import { type EventSink, Fault, type SecurityEvent } from '@carnet/protocol'
import { createBatcher, type Database, type Queryable, type Transaction } from '../engine/index.ts'
import { AppendTurn } from './append-turn.ts'
import { ENTRY_COLUMNS, type EntryRow, INSERT_ENTRIES, insertParameters, recordedEvent } from './entry-row.ts'

export interface AuditLog extends EventSink {
  /**
   * Appends events inside a transaction of the caller: they are recorded exactly if it commits.
   *
   * INVARIANT (append last): the chain waits until `tx` ends, so nothing that may wait for another transaction
   * comes after this in `tx`.
   *
   * @throws {Fault} `audit-unavailable`
   */
  append(tx: Transaction, events: readonly SecurityEvent[]): Promise<void>
}

export interface AuditLogOptions {
  readonly db: Database
  /** Names the chain. INVARIANT (one writer): no two running processes share a name. */
  readonly writer: string
  /** Largest number of events written together. */
  readonly maxBatch?: number
}

const MAX_BATCH = 200
/** How much of the chain is verified before it is continued. */
const VERIFIED_AT_START = 500

/**
 * Opens the log and verifies the end of the writer's chain before continuing it.
 *
 * @throws {Fault} `audit-unavailable` when the chain is not as it was written, or cannot be read
 */
export async function createAuditLog({ db, writer, maxBatch = MAX_BATCH }: AuditLogOptions): Promise<AuditLog> {
  const chain = new WriterChain(writer)
  await auditFault(() => chain.verifyEnd(db))

  const write = createBatcher<SecurityEvent, undefined>(
    async (events) => {
      await auditFault(() => db.transaction((tx) => chain.append(tx, events)))
      return events.map(() => undefined)
    },
    { maxItems: maxBatch },
  )
  return {
    record: async (event) => write(checked(event)),
    append: async (tx, events) => {
      const printable = events.map(checked)
      await auditFault(() => chain.append(tx, printable))
    },
  }
}

class WriterChain {
  readonly #writer: string
  readonly #turn = new AppendTurn()
  /** Where open transactions that hold the turn have got to. */
  readonly #within = new WeakMap<Transaction, ChainHead>()
  /** `undefined` when only the database knows. */
  #head: ChainHead | undefined

  constructor(writer: string) {
    this.#writer = writer
  }

  async verifyEnd(db: Database): Promise<void> {
    const rows = await db.query<EntryRow>(
      `select ${ENTRY_COLUMNS} from audit_entry where writer = $1 order by seq desc limit $2`,
      [this.#writer, VERIFIED_AT_START],
    )
    const [first, ...rest] = rows.map(recordedEvent).reverse()
    const entries = first === undefined ? [] : [first, ...rest]
    const from = first === undefined ? emptyChain(this.#writer) : before(first)
    const verdict = verifyChain(entries, from)
    if (!verdict.ok) {
      const { reason, seq } = verdict.refusal
      throw new Fault('audit-unavailable', `The audit chain ${this.#writer} is broken: entry ${seq} is ${reason}`)
    }
    this.#head = verdict.value
  }

  async append(tx: Transaction, events: readonly SecurityEvent[]): Promise<void> {
    if (events.length === 0) return
    const begun = this.#within.get(tx) ?? (await this.#begin(tx))
    const { entries, head } = extendChain(begun, events)
    await tx.query(INSERT_ENTRIES, insertParameters(this.#writer, entries))
    this.#within.set(tx, head)
  }

  async #begin(tx: Transaction): Promise<ChainHead> {
    const endTurn = await this.#turn.take()
    tx.onEnd((outcome) => {
      if (outcome === 'committed') this.#head = this.#within.get(tx)
      // After a failure another process may turn out to have written here, so the database is asked.
      else this.#head = undefined
      endTurn()
    })
    const head = this.#head ?? (await readHead(tx, this.#writer))
    this.#within.set(tx, head)
    return head
  }
}

async function readHead(db: Queryable, writer: string): Promise<ChainHead> {
  const [last] = await db.query<{ seq: number; hash: string }>(
    'select seq, hash from audit_entry where writer = $1 order by seq desc limit 1',
    [writer],
  )
  return last === undefined ? emptyChain(writer) : { writer, ...last }
}

function before({ writer, seq, prevHash }: { writer: string; seq: number; prevHash: string }): ChainHead {
  return { writer, seq: seq - 1, hash: prevHash }
}

/** @throws {Fault} `internal` for an event that is not in the vocabulary: a mistake of the one who reports it */
function checked(event: SecurityEvent): SecurityEvent {
  const parsed = parseEvent(event)
  if (parsed.ok) return parsed.value
  throw new Fault('internal', `An event cannot be recorded: ${parsed.refusal.problems.join('; ')}`)
}

async function auditFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault && error.code !== 'store-unavailable') throw error
    throw new Fault('audit-unavailable', 'The audit log cannot be written', { cause: error, retryAfterSeconds: 1 })
  }
}
