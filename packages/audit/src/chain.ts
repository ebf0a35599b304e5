/**
 * The hash chain: every entry names the hash of the one before it, so that no entry can be changed, removed or
 * moved without the change showing from there on.
 *
 * Each writer has a chain of its own; entries cut off the end show only against a head kept elsewhere.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8785 RFC 8785, the form that is hashed}
 */
import { createHash } from 'node:crypto'
import { accept, type Result, refuse, type SecurityEvent } from '@carnet/protocol'
import canonicalize from 'canonicalize'

/** The last entry of a chain, or what comes before its first. */
export interface ChainHead {
  readonly writer: string
  readonly seq: number
  readonly hash: string
}

/** One event in its place in the chain of its writer. */
export interface AuditEntry {
  readonly writer: string
  /** 1 for the first entry of a writer, then without a gap. */
  readonly seq: number
  readonly prevHash: string
  /** SHA-256, in base64url, of the canonical JSON of `{ event, prev, seq, writer }`. */
  readonly hash: string
  readonly event: SecurityEvent
}

export type ChainRefusal =
  /** The entry's content does not give its hash. */
  | { readonly reason: 'altered'; readonly writer: string; readonly seq: number }
  /** The entry does not name the hash of the one before it: one of the two was replaced. */
  | { readonly reason: 'unlinked'; readonly writer: string; readonly seq: number }
  /** There is no entry of this number. */
  | { readonly reason: 'missing'; readonly writer: string; readonly seq: number }
  /** The entry stands where another number belongs. */
  | { readonly reason: 'reordered'; readonly writer: string; readonly seq: number }

export function emptyChain(writer: string): ChainHead {
  return { writer, seq: 0, hash: '' }
}

/** Puts events at the end of a chain, in their order. */
export function extendChain(
  head: ChainHead,
  events: readonly SecurityEvent[],
): { readonly entries: readonly AuditEntry[]; readonly head: ChainHead } {
  const entries: AuditEntry[] = []
  let { seq, hash } = head
  for (const event of events) {
    const unhashed = { writer: head.writer, seq: ++seq, prevHash: hash, event }
    hash = hashOf(unhashed)
    entries.push({ ...unhashed, hash })
  }
  return { entries, head: { writer: head.writer, seq, hash } }
}

/**
 * Verifies that the entries are what was written after `from`, all of it and in its order.
 *
 * @param entries - of one writer, in the order in which they were read
 * @param from - the last entry that was verified before; a trusted copy of it, not one read beside the entries
 * @returns the new head, or the first entry that is not as it was written
 */
export function verifyChain(entries: readonly AuditEntry[], from: ChainHead): Result<ChainHead, ChainRefusal> {
  const { writer } = from
  let { seq, hash } = from
  for (const entry of entries) {
    const expected = seq + 1
    if (entry.seq !== expected || entry.writer !== writer) {
      const isElsewhere = entries.some((other) => other.seq === expected && other.writer === writer)
      return isElsewhere || entry.seq < expected || entry.writer !== writer
        ? refuse({ reason: 'reordered', writer: entry.writer, seq: entry.seq })
        : refuse({ reason: 'missing', writer, seq: expected })
    }
    if (hashOf(entry) !== entry.hash) return refuse({ reason: 'altered', writer, seq: expected })
    if (entry.prevHash !== hash) return refuse({ reason: 'unlinked', writer, seq: expected })
    seq = expected
    hash = entry.hash
  }
  return accept({ writer, seq, hash })
}

function hashOf({ writer, seq, prevHash, event }: Omit<AuditEntry, 'hash'>): string {
  const canonical = canonicalize({ event, prev: prevHash, seq, writer })
  return createHash('sha256')
    .update(canonical ?? '')
    .digest('base64url')
}
