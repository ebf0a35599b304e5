/** Every token against every server: only what was issued for a server opens it. */
import { proves } from '@carnet/requirements/vitest'
import { FixedClock, ManualTimer, SeededRandom } from '@carnet/testing'
import { expect } from 'vitest'
import { createGuard } from '../src/index.ts'
import { silentLog, unreachable } from './fixture/guard.ts'
import { createTestIssuer, ISSUER, OTHER_ISSUER } from './fixture/issuer.ts'

const IDP = 'https://idp.acme.test'
const S = 'https://mcp.chat.test/mcp'
const SB = 'https://mcp.chat.test/files'
const S2 = 'https://mcp.wiki.test/mcp'

proves('THR-02', 'only the diagonal of tokens and servers succeeds', async () => {
  const [idp, ras, ras2] = await Promise.all([
    createTestIssuer(IDP),
    createTestIssuer(ISSUER),
    createTestIssuer(OTHER_ISSUER),
  ])
  const tokens = {
    'ID Token': idp.token({ aud: 'assistant-at-idp' }, 'JWT'),
    'ID-JAG for R': idp.token({ aud: ISSUER, resource: S }, 'oauth-id-jag+jwt'),
    'ID-JAG for R2': idp.token({ aud: OTHER_ISSUER, resource: S2 }, 'oauth-id-jag+jwt'),
    'client assertion for I': idp.token({ aud: IDP }, 'client-authentication+jwt'),
    'client assertion for R': ras.token({ aud: ISSUER }, 'client-authentication+jwt'),
    'access token of I for S': idp.token({ aud: S }),
    'access token of R for S': ras.token({ aud: S }),
    'access token of R for Sb': ras.token({ aud: SB }),
    'access token of R for S2': ras.token({ aud: S2 }),
    'access token of R2 for S2': ras2.token({ aud: S2 }),
    'access token of R2 for S': ras2.token({ aud: S }),
  }
  const clock = new FixedClock()
  const ports = {
    clock,
    timer: new ManualTimer(clock),
    random: new SeededRandom('table'),
    log: silentLog,
    http: unreachable,
  }
  const guardOf = (resource: string, { trust }: typeof ras) =>
    createGuard(
      { resource, authorizationServers: [{ issuer: trust.issuer }], tools: {} },
      { ...ports, keys: new Map([[trust.issuer, trust.keys]]) },
    )
  const guards = { S: guardOf(S, ras), Sb: guardOf(SB, ras), S2: guardOf(S2, ras2) }

  const admitted: string[] = []
  for (const [at, guard] of Object.entries(guards)) {
    for (const [what, token] of Object.entries(tokens)) {
      const host = at === 'S2' ? 'mcp.wiki.test' : 'mcp.chat.test'
      const headers = new Headers({ host, authorization: `Bearer ${token}` })
      const entry = await guard.enter({ method: 'POST', url: '/mcp', headers })
      if (entry.ok) admitted.push(`${what} at ${at}`)
      else expect(entry.refusal.status).toBe(401)
    }
  }
  expect(admitted).toEqual([
    'access token of R for S at S',
    'access token of R for Sb at Sb',
    'access token of R2 for S2 at S2',
  ])
})

proves('RS-18', 'a guard that trusts two servers takes the tokens of each under its own name only', async () => {
  const [ras, ras2] = await Promise.all([createTestIssuer(ISSUER), createTestIssuer(OTHER_ISSUER)])
  const clock = new FixedClock()
  const guard = createGuard(
    { resource: S, authorizationServers: [{ issuer: ISSUER }, { issuer: OTHER_ISSUER }], tools: {} },
    {
      clock,
      timer: new ManualTimer(clock),
      random: new SeededRandom('two'),
      log: silentLog,
      http: unreachable,
      keys: new Map([ras, ras2].map(({ trust }) => [trust.issuer, trust.keys])),
    },
  )
  const headers = (token: string) => new Headers({ host: 'mcp.chat.test', authorization: `Bearer ${token}` })
  const ask = (token: string) => guard.enter({ method: 'POST', url: '/mcp', headers: headers(token) })
  expect(await ask(ras.token())).toMatchObject({ ok: true, value: { issuer: ISSUER } })
  expect(await ask(ras2.token())).toMatchObject({ ok: true, value: { issuer: OTHER_ISSUER } })
  expect((await ask(ras2.token({ iss: ISSUER }))).ok).toBe(false)
  expect((await ask(ras.token({ iss: OTHER_ISSUER }))).ok).toBe(false)
})
