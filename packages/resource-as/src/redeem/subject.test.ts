import { type AccountId, refuse, SOLE_TENANT, type Subject, type TenantId } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { describe, expect, test } from 'vitest'
import { ALICE, at, IDP, IDP2, NOW, serve } from '../../test/fixture.ts'
import type { ExternalSubject } from '../ports.ts'
import { resolveSubject } from './subject.ts'

const alice: ExternalSubject = {
  tenant: SOLE_TENANT,
  issuer: IDP,
  issuerTenant: undefined,
  subject: 'alice' as Subject,
}
const linksOnly = { byExternalId: false, createAccounts: false }
const CAROL = 'acct-carol' as AccountId

proves('RAS-25', 'resolves a linked subject to its account', async () => {
  const { stores } = serve()
  expect(await resolveSubject(alice, linksOnly, stores.accounts, NOW)).toMatchObject({
    ok: true,
    value: { account: { id: ALICE } },
  })
})

proves('RAS-25', 'refuses a subject nobody linked', async () => {
  const { stores } = serve({ linkAlice: false })
  expect(await resolveSubject(alice, linksOnly, stores.accounts, NOW)).toEqual(refuse({ reason: 'account-unknown' }))
})

for (const [what, account] of [
  ['disabled', { active: false, endsAt: undefined }],
  ['over', { active: true, endsAt: NOW }],
] as const) {
  proves('RAS-25', `refuses a subject whose account is ${what}`, async () => {
    const { stores } = serve({ linkAlice: false })
    stores.accounts.put({ id: CAROL, tenant: SOLE_TENANT, ...account })
    stores.accounts.link(alice, CAROL)
    expect(await resolveSubject(alice, linksOnly, stores.accounts, NOW)).toEqual(
      refuse({ reason: 'account-disabled', account: CAROL }),
    )
  })
}

test('an account that ends later is still good', async () => {
  const { stores } = serve()
  stores.accounts.put({ id: ALICE, tenant: SOLE_TENANT, active: true, endsAt: at(1) })
  expect(await resolveSubject(alice, linksOnly, stores.accounts, NOW)).toMatchObject({ ok: true })
})

describe('a subject seen for the first time', () => {
  proves('RAS-25', 'finds the account provisioned under its externalId, once for good', async () => {
    const { stores } = serve({ linkAlice: false })
    stores.accounts.put(
      { id: CAROL, tenant: SOLE_TENANT, active: true, endsAt: undefined },
      { issuer: IDP, externalId: 'alice' },
    )
    const rule = { byExternalId: true, createAccounts: false }
    expect(await resolveSubject(alice, rule, stores.accounts, NOW)).toMatchObject({
      ok: true,
      value: { account: { id: CAROL } },
    })
    expect(await resolveSubject(alice, linksOnly, stores.accounts, NOW)).toMatchObject({
      value: { account: { id: CAROL } },
    })
  })

  proves('RAS-25', 'does not find the account another issuer provisioned', async () => {
    const { stores } = serve({ linkAlice: false })
    stores.accounts.put(
      { id: CAROL, tenant: SOLE_TENANT, active: true, endsAt: undefined },
      { issuer: IDP2, externalId: 'alice' },
    )
    const rule = { byExternalId: true, createAccounts: false }
    expect(await resolveSubject(alice, rule, stores.accounts, NOW)).toEqual(refuse({ reason: 'account-unknown' }))
  })

  proves('RAS-25', 'gets an account where that is enabled, the same one ever after', async () => {
    const { stores } = serve({ linkAlice: false })
    const rule = { byExternalId: true, createAccounts: true }
    const first = await resolveSubject(alice, rule, stores.accounts, NOW)
    expect(first).toMatchObject({ ok: true, value: { account: { active: true }, isNew: true } })
    const again = await resolveSubject(alice, rule, stores.accounts, NOW)
    expect(again.ok && first.ok && again.value.account.id === first.value.account.id).toBe(true)
  })

  test('shares no account with the same name at another issuer or tenant', async () => {
    const { stores } = serve({ linkAlice: false })
    const rule = { byExternalId: false, createAccounts: true }
    const names: ExternalSubject[] = [
      alice,
      { ...alice, issuer: IDP2 },
      { ...alice, tenant: 't1' as TenantId },
      { ...alice, issuerTenant: 't1' as TenantId },
      { ...alice, subject: 'Alice' as Subject },
    ]
    const resolved = await Promise.all(names.map((name) => resolveSubject(name, rule, stores.accounts, NOW)))
    expect(new Set(resolved.map((result) => result.ok && result.value.account.id)).size).toBe(names.length)
  })
})
