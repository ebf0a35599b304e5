import { type IdJagClaims, idJagClaims, SOLE_TENANT, type Subject } from '@carnet/protocol'
import { createRevocationIndex, type RevocationTarget } from '@carnet/revocation'
import { expect, test } from 'vitest'
import { A, ALICE, at, claims, IDP, NOW, resources, S } from '../../test/fixture.ts'
import { checkWithdrawn, externalSubjectKey, withdrawableFacts } from './withdrawn.ts'

const subject = { tenant: SOLE_TENANT, issuer: IDP, issuerTenant: undefined, subject: 'alice' as Subject }
const [resource] = resources
const grant: IdJagClaims = idJagClaims.parse(claims({ iat: NOW }))

function standing(target: RevocationTarget, cutoff = NOW) {
  if (resource === undefined) throw new Error('the fixture has no resource')
  const index = createRevocationIndex()
  const record = { seq: 1, id: 'r1', tenant: SOLE_TENANT, cutoff, expiresAt: at(9000), reason: 'left', eventId: 'e1' }
  index.apply({ ...record, target })
  const account = { id: ALICE, tenant: SOLE_TENANT, active: true, endsAt: undefined }
  return checkWithdrawn(withdrawableFacts({ claims: grant, subject, account, resource }), index)
}

const targets: readonly RevocationTarget[] = [
  { kind: 'subject', subject: ALICE },
  { kind: 'subject', subject: externalSubjectKey(subject) },
  { kind: 'session', session: grant.sid ?? fail() },
  { kind: 'client', client: A },
  { kind: 'resource', resource: S },
  { kind: 'everything' },
]
function fail(): never {
  throw new Error('the fixture has no session')
}

for (const target of targets) {
  const name = JSON.stringify(target).slice(0, 60)
  test(`refuses a grant from the second of the cut-off of ${name}, and not one from the next`, () => {
    expect(standing(target)).toMatchObject({ ok: false, refusal: { reason: 'access-withdrawn', record: 'r1' } })
    expect(standing(target, at(-1))).toMatchObject({ ok: true })
  })
}

test('is not concerned by what was withdrawn from others', () => {
  expect(standing({ kind: 'subject', subject: 'acct-bob' })).toMatchObject({ ok: true })
})
