/**
 * What each algorithm means in `node:crypto`, and which keys it may be used with.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3 RFC 7518 §3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.1 RFC 8725 §3.1}
 */
import { constants, type KeyObject, sign, verify } from 'node:crypto'
import type { SigningAlgorithm } from './types.ts'

export const MIN_RSA_BITS = 2048
/** Verifying with a larger key costs more than any issuer needs. */
export const MAX_RSA_BITS = 8192

const { RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants

export function signatureOf(alg: SigningAlgorithm, key: KeyObject, input: Buffer): Buffer {
  switch (alg) {
    case 'ES256':
      return sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' })
    case 'RS256':
      return sign('sha256', input, key)
    case 'PS256':
      return sign('sha256', input, { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST })
    case 'EdDSA':
      return sign(null, input, key)
  }
}

export function signatureHolds(alg: SigningAlgorithm, key: KeyObject, input: Buffer, signature: Buffer): boolean {
  switch (alg) {
    case 'ES256':
      return verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)
    case 'RS256':
      return verify('sha256', input, key, signature)
    case 'PS256':
      return verify(
        'sha256',
        input,
        { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST },
        signature,
      )
    case 'EdDSA':
      return verify(null, input, key, signature)
  }
}

/** Whether a key is of the type, curve and size that `alg` needs. */
export function keyFits(alg: SigningAlgorithm, key: KeyObject): boolean {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  switch (alg) {
    case 'ES256':
      return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    case 'RS256':
    case 'PS256':
      return key.asymmetricKeyType === 'rsa' && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS
    case 'EdDSA':
      return key.asymmetricKeyType === 'ed25519'
  }
}
