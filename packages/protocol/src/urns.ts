/** Registered values that appear on the wire, each under the name the specification gives it. */

export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

export const ID_JAG_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:id-jag'
export const ID_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:id_token'
export const REFRESH_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:refresh_token'
export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token'
export const SAML2_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:saml2'

export const ID_JAG_GRANT_PROFILE = 'urn:ietf:params:oauth:grant-profile:id-jag'
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** JOSE `typ` header values. */
export const ID_JAG_JWT_TYPE = 'oauth-id-jag+jwt'
export const ACCESS_TOKEN_JWT_TYPE = 'at+jwt'
export const CLIENT_ASSERTION_JWT_TYPE = 'client-authentication+jwt'

/** The MCP extension by which client and server say that they speak Enterprise-Managed Authorization. */
export const EMA_EXTENSION = 'io.modelcontextprotocol/enterprise-managed-authorization'
/** JSON-RPC error for a required capability the client did not declare (MCP 2026-07-28). */
export const MISSING_CAPABILITY_ERROR = -32021
