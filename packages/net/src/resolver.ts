/** Names to addresses, with every answer judged before anything connects to it. */
import { lookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { Fault, quoted } from '@carnet/protocol'
import { addressAllowed, type TargetPolicy } from './target.ts'

export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

export type Resolver = (host: string) => Promise<readonly ResolvedAddress[]>

/** The resolver of this machine. Names under `localhost` are this machine, also where DNS has not heard of them. */
export const systemResolver: Resolver = async (host) => {
  const answers = await lookup(host.endsWith('.localhost') ? 'localhost' : host, { all: true, verbatim: true })
  return answers.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
}

/**
 * The lookup a connection is made with: asks once and hands on exactly the addresses that were judged, so a
 * second, different answer of DNS is never heard.
 */
export function pinningLookup(resolve: Resolver, policy: TargetPolicy): LookupFunction {
  return (host, options, callback) => {
    judged(host, resolve, policy).then(
      ([first, ...more]) => {
        if (options.all)
          callback(
            null,
            [first, ...more].map(({ address, family }) => ({ address, family })),
          )
        else callback(null, first.address, first.family)
      },
      (error) => callback(error, ''),
    )
  }
}

async function judged(host: string, resolve: Resolver, policy: TargetPolicy): Promise<SomeAddresses> {
  const [first, ...more] = await resolve(host)
  if (first === undefined) throw new Fault('peer-unavailable', `${quoted(host)} has no address`)
  // One bad address condemns the answer: which of several is used would otherwise be the attacker's luck.
  if (![first, ...more].every(({ address }) => addressAllowed(address, host, policy))) {
    throw new Fault('peer-misbehaved', `${quoted(host)} leads to an address that is not allowed`)
  }
  return [first, ...more]
}

type SomeAddresses = readonly [ResolvedAddress, ...ResolvedAddress[]]
