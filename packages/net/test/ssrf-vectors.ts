/** The corpus of hostile URLs in `vectors/ssrf`. */
import { readdirSync, readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import type { Resolver, TargetRefusal } from '../src/index.ts'

export interface SsrfVector {
  readonly id: string
  readonly requirement: 'THR-06a' | 'CLI-23'
  readonly about: string
  readonly url: string
  /** What DNS answers for the host, where it is a name. */
  readonly resolves?: readonly string[]
  readonly expected: 'refused' | 'allowed'
  readonly reason?: TargetRefusal['reason']
}

const folder = new URL('../../../vectors/ssrf/', import.meta.url)

export const SSRF_VECTORS: readonly SsrfVector[] = readdirSync(folder).flatMap((file) => {
  const { vectors } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { vectors: SsrfVector[] }
  return vectors
})

/** A resolver that always gives the same answer. */
export function answering(...addresses: readonly string[]): Resolver {
  const answer = addresses.map((address) => ({ address, family: isIPv6(address) ? (6 as const) : (4 as const) }))
  return () => Promise.resolve(answer)
}
