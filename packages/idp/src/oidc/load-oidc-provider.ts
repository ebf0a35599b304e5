/** Loads `oidc-provider`, without the two warnings that say nothing an operator could act on. */

/** It runs on Node 20, which our tests show; it only prefers newer ones. */
const RUNTIME_NOTICE = 'oidc-provider WARNING: Unsupported runtime.'
/** We read and check the body before it does, on purpose, and hand it on parsed. */
const BODY_NOTICE = 'oidc-provider WARNING: already parsed request body detected'

export type OidcProviderModule = typeof import('oidc-provider')

let loaded: Promise<OidcProviderModule> | undefined

export function loadOidcProvider(): Promise<OidcProviderModule> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<OidcProviderModule> {
  const restore = dropWarning(RUNTIME_NOTICE)
  const module = await import('oidc-provider').finally(restore)
  dropWarning(BODY_NOTICE)
  return module
}

/** Keeps one warning off the console, once; every other goes through unchanged. */
function dropWarning(start: string): () => void {
  const original = console.warn
  const restore = () => {
    if (console.warn === filtered) console.warn = original
  }
  const filtered: typeof console.warn = (...words) => {
    // A terminal gets the warning with colour codes around it.
    if (typeof words[0] === 'string' && words[0].includes(start)) restore()
    else original(...words)
  }
  console.warn = filtered
  return restore
}
