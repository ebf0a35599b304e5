/** The official MCP conformance suite against our client. What cannot be played is listed with its reason. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RequirementId } from '@carnet/requirements'
import { proves } from '@carnet/requirements/vitest'
import { beforeAll, expect, test } from 'vitest'
import {
  installOfficialRunner,
  officialScenarios,
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

function expectPassed({ exitCode, checks, output }: Verdict, sees: readonly string[]): void {
  const bad = checks.filter(({ status }) => status !== 'SUCCESS' && status !== 'INFO')
  expect(bad, output).toEqual([])
  for (const id of sees) expect(checks.map((check) => check.id)).toContain(id)
  expect(exitCode, output).toBe(0)
}
