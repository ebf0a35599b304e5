/**
 * Keys nobody holds the private half of. Verifying with one costs what verifying with a registered key costs,
 * so that the time of an answer does not tell which clients exist (THR-18).
 */
import { Fault } from '@carnet/protocol'
import { type PeekedJwt, parseKeySet, type VerificationKey } from '@carnet/tokens'

const EC = {
  kty: 'EC',
  crv: 'P-256',
  x: 'jyqQBgxinMwCBJYCwY1fBt4YRm_wlEMtsKESx8op2dg',
  y: 'DtxFAxrMCkz5tGThNnVcPctW8AGbUEMzf1lmVqCZBQM',
}
const RSA = {
  kty: 'RSA',
  n: 'ziBqO_8NT-8s-R4KkoCoadQZ0N1WW1-nRY4j3GspJQ1aZV9VqPOX7xtzCyvQI0-IY_qijfgiLlkVcEXOujCzRjM-DNu_cMkhUT-fIUQc5sH68MAFcUipliZC20Y0ds6iNU6d_H8YxM27Yc1-y4BjeQ58Pg7QHdlkA3vDVkCK60kcDzPX-VDTEgDpyi5qr3WpOauwPAfwRryk31-0-Aq5K4Fqa3HyPZuldg8AuN9XWkgEw2hY_ezHMehl_SMrKFNbJz4E0JVs-psT-V0C_QMAgX6Sw3N-uGhh4aFMdMVuIpAGOSCRKhYAMSGs_H7QKcRZ8YSZ_NBs8KAyCnZnHwWHUw',
  e: 'AQAB',
}
const ED25519 = { kty: 'OKP', crv: 'Ed25519', x: 'p_numCa_-4RS7a7UBS-2Ag05GThaa2Lyj-OPSTPqmqs' }

const DECOYS: ReadonlyMap<string, VerificationKey> = parsed([
  { ...EC, kid: 'decoy-ec', alg: 'ES256' },
  { ...RSA, kid: 'decoy-rsa', alg: 'RS256' },
  { ...RSA, kid: 'decoy-pss', alg: 'PS256' },
  { ...ED25519, kid: 'decoy-ed', alg: 'EdDSA' },
])

function parsed(keys: readonly object[]): ReadonlyMap<string, VerificationKey> {
  const set = parseKeySet(JSON.stringify({ keys }))
  if (!set.ok) throw new Fault('internal', 'The decoy keys do not parse')
  return new Map(set.value.map((key) => [key.alg, key]))
}

/** A key that answers to whatever id and algorithm a token names, if the algorithm is one we accept. */
export function decoyKey({ alg, kid }: PeekedJwt): VerificationKey | undefined {
  const decoy = DECOYS.get(alg)
  return decoy === undefined || kid === undefined ? decoy : { ...decoy, kid }
}
