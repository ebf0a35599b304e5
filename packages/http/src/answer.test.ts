import { Fault, type Txn } from '@carnet/protocol'
import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { jsonAnswer, oauthErrorAnswer, oauthErrorResponse } from './answer.ts'
import { failureError, fixedError, requestError } from './fixed-errors.ts'

const TXN = 'AAAAAAAAAAAAAAAAAAAAAA' as Txn

test('every answer is JSON that no cache keeps', () => {
  expect(jsonAnswer(200, { a: 1 }).headers).toEqual({
    'content-type': 'application/json',
    'cache-control': 'no-store',
  })
})

proves('RAS-35', 'answers one byte-identical body for each code before verification, apart from txn', () => {
  const bodies = (['wrong-media-type', 'malformed-form', 'too-many-parameters', 'body-incomplete'] as const).map(
    (reason) => oauthErrorAnswer(requestError({ reason }), TXN).body,
  )
  expect(new Set(bodies)).toEqual(
    new Set([`{"error":"invalid_request","error_description":"The request is malformed.","txn":"${TXN}"}`]),
  )
})

proves('IDP-10', 'says which method is allowed', () => {
  expect(oauthErrorAnswer(requestError({ reason: 'method-not-allowed' }))).toMatchObject({
    status: 405,
    headers: { allow: 'POST' },
  })
})

test('a failed Basic authentication is challenged', async () => {
  const response = oauthErrorResponse(fixedError('invalid_client', { challengeBasic: true }), TXN)
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe('Basic realm="token", charset="UTF-8"')
  expect(await response.json()).toEqual({
    error: 'invalid_client',
    error_description: 'Client authentication failed.',
    txn: TXN,
  })
})

test('a dependency that is down is no fault of the client', () => {
  const error = failureError(new Fault('store-unavailable', 'no connection', { retryAfterSeconds: 7 }))
  expect(oauthErrorAnswer(error)).toMatchObject({ status: 503, headers: { 'retry-after': '7' } })
  expect(error.error).toBe('temporarily_unavailable')
})

for (const error of [new Fault('internal', 'x'), new Fault('configuration-invalid', 'x'), new TypeError('x')]) {
  test(`${error.name}: ${error instanceof Fault ? error.code : 'a bug'} is a 500`, () => {
    expect(failureError(error)).toMatchObject({ status: 500, error: 'server_error' })
  })
}
