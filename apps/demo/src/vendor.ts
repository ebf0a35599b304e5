/**
 * The authorization server that the vendor of Billing already had: `oidc-provider`, with Carnet's Resource AS in front.
 *
 * Its interactive flow is real and says no: this customer's people come through their company's login alone, so nobody
 * gets past the company's policy by a consent page.
 */
import type { HostedShared } from '@carnet/server'
import type { Adapter, AdapterPayload, Provider } from 'oidc-provider'

const COMPANY_LOGIN_ONLY = {
  error: 'access_denied',
  error_description: 'Your company has turned off sign-in here. Connect through your company login.',
}

export async function vendorProvider({ issuer, configuration }: HostedShared): Promise<Provider> {
  const { default: OidcProvider } = await import('oidc-provider')
  const { resourceIndicators, ...shared } = configuration
  const artefacts = new Map<string, AdapterPayload>()
  const provider = new OidcProvider(issuer, {
    ...shared,
    adapter: (model: string) => inMemory(model, artefacts),
    clients: [],
    features: { resourceIndicators, devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `${new URL(issuer).pathname}/interaction/${uid}` },
  })
  provider.use(async (ctx, next) => {
    if (!/^\/interaction\/[\w-]+$/.test(ctx.path)) return next()
    ctx.respond = false
    await provider.interactionFinished(ctx.req, ctx.res, COMPANY_LOGIN_ONLY, { mergeWithLastSubmission: false })
  })
  return provider
}

/** Interactions that are always refused need no store that outlives the process. */
function inMemory(model: string, artefacts: Map<string, AdapterPayload>): Adapter {
  const find = async (matches: (payload: AdapterPayload, key: string) => boolean) =>
    [...artefacts].find(([key, payload]) => key.startsWith(`${model}:`) && matches(payload, key))?.[1]
  return {
    async upsert(id, payload) {
      artefacts.set(`${model}:${id}`, payload)
    },
    find: async (id) => artefacts.get(`${model}:${id}`),
    findByUid: (uid) => find((payload) => payload.uid === uid),
    findByUserCode: (userCode) => find((payload) => payload.userCode === userCode),
    async consume(id) {
      const payload = artefacts.get(`${model}:${id}`)
      if (payload !== undefined) artefacts.set(`${model}:${id}`, { ...payload, consumed: true })
    },
    async destroy(id) {
      artefacts.delete(`${model}:${id}`)
    },
    async revokeByGrantId(grantId) {
      for (const [key, payload] of artefacts) if (payload.grantId === grantId) artefacts.delete(key)
    },
  }
}
