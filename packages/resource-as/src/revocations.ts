/** Reads the revocation log up to its end now, where hearing of a record a moment later would be too late. */
import type { Revocations } from './ports.ts'

const BATCH = 500

/** @throws {Fault} `store-unavailable` */
export async function catchUp({ index, log }: Pick<Revocations, 'index' | 'log'>): Promise<void> {
  for (;;) {
    const records = await log.after(index.seq, BATCH)
    for (const record of records) index.apply(record)
    if (records.length < BATCH) return
  }
}
