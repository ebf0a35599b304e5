/** The official MCP conformance suite against our client. What cannot be played is listed with its reason. */
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { RequirementId } from '@carnet/requirements'
import { proves } from '@carnet/requirements/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AT_ISSUER, type Constellation, startConstellation } from './interop/constellation.ts'
import {
  installOfficialRunner,
  officialScenarios,
  runAuthorizationServerScenarios,
  runClientScenario,
  type Verdict,
} from './interop/official-conformance.ts'

interface Scenarios {
  readonly client: {
    readonly played: Readonly<
      Record<string, { readonly proves: readonly RequirementId[]; readonly sees: readonly string[] }>
    >
    readonly notApplicable: Readonly<Record<string, string>>
  }
  readonly authorizationServer: readonly string[]
}

const scenarios: Scenarios = JSON.parse(
  readFileSync(join(import.meta.dirname, '../conformance/official/scenarios.json'), 'utf8'),
)
const { played, notApplicable } = scenarios.client

beforeAll(installOfficialRunner, 300_000)

test('every client scenario about authorization is either played or explained', async () => {
  const official = (await officialScenarios('client')).filter((name) => name.startsWith('auth/'))
  expect(official.length).toBeGreaterThan(30)
  expect([...Object.keys(played), ...Object.keys(notApplicable)].sort()).toEqual([...official].sort())
  expect(Object.values(notApplicable).every((reason) => reason.length > 40)).toBe(true)
})

test('every authorization-server scenario is known', async () => {
  expect([...(await officialScenarios('authorization'))].sort()).toEqual([...scenarios.authorizationServer].sort())
})

for (const [name, { proves: requirements, sees }] of Object.entries(played)) {
  proves(requirements, `passes ${name} of the official conformance suite`, async () => {
    expectPassed(await runClientScenario(name), sees)
  })
}

let all: Constellation
beforeAll(async () => {
  all = await startConstellation()
})
afterAll(() => all.close())

/** Client ID metadata documents are planned, so their flag is honestly absent; the suite only warns of it. */
const PLANNED = 'authorization-server-metadata-cimd'

test('our issuer passes both authorization-server scenarios of the official conformance suite', async () => {
  const verdict = await runAuthorizationServerScenarios('all', {
    issuer: all.world.issuer,
    client: AT_ISSUER,
    port: await freePort(),
    // The suite names no scope. RFC 6749 §3.3 leaves that to a default, and an OpenID provider here has none.
    signIn: (url) => all.browse('alice')(`${url}&scope=openid`),
  })
  expectPassed(withoutPlanned(verdict), ['authorization-server-metadata', 'authorization-code-grant'])
})

test('our standalone Resource AS, which has no interactive flow, passes the metadata scenario', async () => {
  const verdict = await runAuthorizationServerScenarios('authorization-server-metadata-endpoint', {
    issuer: all.resourceAs,
  })
  expectPassed(withoutPlanned(verdict), ['authorization-server-metadata'])
})

function withoutPlanned({ checks, ...verdict }: Verdict): Verdict {
  return { ...verdict, checks: checks.filter(({ id, status }) => id !== PLANNED || status !== 'WARNING') }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function expectPassed({ exitCode, checks, output }: Verdict, sees: readonly string[]): void {
  const bad = checks.filter(({ status }) => status !== 'SUCCESS' && status !== 'INFO')
  expect(bad, output).toEqual([])
  for (const id of sees) expect(checks.map((check) => check.id)).toContain(id)
  expect(exitCode, output).toBe(0)
}
