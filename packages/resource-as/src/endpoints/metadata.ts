/**
 * What this server publishes about itself. Nothing in it depends on whom it trusts or whom it serves (DISC-05).
 *
 * One document serves RFC 8414 and OpenID Connect readers: strict parsers of either find what they insist on.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 RFC 8414 §2}
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-7.2 ID-JAG §7.2}
 */
import { Fault, ID_JAG_GRANT_PROFILE, JWT_BEARER_GRANT, type Scope } from '@carnet/protocol'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@carnet/tokens'
import { endpointUrls } from './paths.ts'

export type Metadata = Readonly<Record<string, unknown>>

const AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']

export function metadataDocument(
  issuer: string,
  signingAlgorithm: SigningAlgorithm,
  scopes: readonly Scope[],
): Metadata {
  const urls = endpointUrls(issuer)
  return {
    issuer,
    authorization_endpoint: urls.authorize,
    token_endpoint: urls.token,
    jwks_uri: urls.jwks,
    introspection_endpoint: urls.introspect,
    revocation_endpoint: urls.revoke,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [JWT_BEARER_GRANT],
    authorization_grant_profiles_supported: [ID_JAG_GRANT_PROFILE],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
    introspection_endpoint_auth_methods_supported: AUTH_METHODS,
    introspection_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
    scopes_supported: scopes,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [signingAlgorithm],
    client_id_metadata_document_supported: false,
  }
}

/**
 * The same document with what this server adds to another's: the interactive server in front of which it stands.
 *
 * @throws {Fault} `configuration-invalid` where the result would promise the profile without the grant
 */
export function mergedMetadata(theirs: Metadata, ours: Metadata): Metadata {
  return checkMetadata({
    ...theirs,
    introspection_endpoint: theirs.introspection_endpoint ?? ours.introspection_endpoint,
    revocation_endpoint: theirs.revocation_endpoint ?? ours.revocation_endpoint,
    grant_types_supported: union(theirs.grant_types_supported, ours.grant_types_supported),
    authorization_grant_profiles_supported: union(
      theirs.authorization_grant_profiles_supported,
      ours.authorization_grant_profiles_supported,
    ),
    token_endpoint_auth_methods_supported: union(
      theirs.token_endpoint_auth_methods_supported,
      ours.token_endpoint_auth_methods_supported,
    ),
    scopes_supported: union(theirs.scopes_supported, ours.scopes_supported),
  })
}

function union(theirs: unknown, ours: unknown): readonly unknown[] {
  return [...new Set([...(Array.isArray(theirs) ? theirs : []), ...(Array.isArray(ours) ? ours : [])])]
}

/** @throws {Fault} `configuration-invalid`: a profile without its grant would mislead every client */
export function checkMetadata(document: Metadata): Metadata {
  const { authorization_grant_profiles_supported: profiles, grant_types_supported: grants } = document
  if (!isListOf(profiles, ID_JAG_GRANT_PROFILE)) {
    throw new Fault('configuration-invalid', 'authorization_grant_profiles_supported: must list the id-jag profile')
  }
  if (!isListOf(grants, JWT_BEARER_GRANT)) {
    throw new Fault('configuration-invalid', 'grant_types_supported: must list jwt-bearer beside the id-jag profile')
  }
  return document
}

function isListOf(value: unknown, member: string): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') && value.includes(member)
}
