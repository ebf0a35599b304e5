/**
 * PGlite as the network stream that `pg` expects.
 *
 * `pg` writes all messages of one statement at once; handing them to PGlite in one call, and not one by one,
 * is several times faster than PGlite's own adapter.
 */
import { Duplex } from 'node:stream'
import type { PGlite } from '@electric-sql/pglite'

type Done = (error?: Error | null) => void

const TERMINATE = 'X'.charCodeAt(0)
/** AuthenticationOk, then ReadyForQuery outside a transaction (PostgreSQL protocol 3.0). */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])

export class PgliteStream extends Duplex {
  readonly #pglite: PGlite
  #greeted = false

  constructor(pglite: PGlite) {
    super()
    this.#pglite = pglite
  }

  /** There is only one session: what an earlier connection left in it is cleared away. */
  connect(): void {
    resetSession(this.#pglite).then(
      () => this.emit('connect'),
      (error: Error) => this.destroy(error),
    )
  }

  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    this.#handOver(chunk, done)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this.#handOver(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  #handOver(messages: Buffer, done: Done): void {
    if (!this.#greeted) {
      this.#greeted = true
      this.push(WELCOME)
      done()
    } else if (messages[0] === TERMINATE) {
      this.push(null)
      done()
    } else {
      this.#pglite.execProtocolRaw(messages).then(
        (answer) => {
          this.push(Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength))
          done()
        },
        (error: Error) => done(error),
      )
    }
  }
}

async function resetSession(pglite: PGlite): Promise<void> {
  await pglite.exec('rollback')
  await pglite.exec('discard all')
}
