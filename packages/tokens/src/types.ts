/** Keys and algorithms, as every role speaks of them. */
import type { KeyObject } from 'node:crypto'
import type { EpochSeconds, KeyId } from '@carnet/protocol'

/** The asymmetric algorithms Carnet signs with and accepts; nothing else is ever tried. */
export const SIGNING_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

/** A public key that may verify signatures of exactly one algorithm. */
export interface VerificationKey {
  readonly kid: KeyId
  readonly alg: SigningAlgorithm
  readonly publicKey: KeyObject
}

/** A private key with its public half. The private part does not print. */
export interface SigningKey extends VerificationKey {
  readonly privateKey: KeyObject
  /** Published in the key set but not signing before this instant. */
  readonly signsFrom: EpochSeconds
  /** No longer signing from this instant on, if it has been replaced. */
  readonly signsUntil: EpochSeconds | undefined
  /** Removed from the key set at this instant, when the last token it signed has expired. */
  readonly publishedUntil: EpochSeconds | undefined
}

/** The keys of exactly one issuer. Keys of different issuers are never mixed (RAS-12). */
export interface KeySource {
  /**
   * Finds the key named `kid`, asking the issuer again at most once per cool-down if it is not known.
   *
   * @param kid - from an unverified header: attacker-controlled; where the token names none, only an issuer with
   * exactly one key is understood
   * @param alg - what the key will be asked to verify; whether it fits is decided by the verifier
   * @throws {Fault} `keys-unavailable`
   */
  find(kid: KeyId | undefined, alg: SigningAlgorithm): Promise<VerificationKey | undefined>
}

/** What a compact JWS says of itself, unverified: good for choosing whose keys to ask for and nothing else. */
export interface PeekedJwt {
  readonly header: Readonly<Record<string, unknown>>
  /** Lower-cased and without `application/`; empty when absent. */
  readonly typ: string
  readonly alg: string
  readonly kid: KeyId | undefined
  readonly iss: string | undefined
}

/** The claims of a JWT whose signature held; nothing else about them has been checked. */
export type JwtClaims = Readonly<Record<string, unknown>>

/** Why a compact JWS is not believed. */
export type SignatureRefusal = {
  readonly reason: 'malformed' | 'unacceptable-algorithm' | 'unknown-critical-header' | 'unknown-key' | 'bad-signature'
}
