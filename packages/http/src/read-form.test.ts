import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { requestError } from './fixed-errors.ts'
import { readForm, STRICT_FORM } from './read-form.ts'

const FORM = 'application/x-www-form-urlencoded'

async function reasonFor(init: RequestInit, headers: Record<string, string> = { 'content-type': FORM }) {
  const request = new Request('https://idp.acme.test/token', { method: 'POST', headers, ...init })
  const form = await readForm(request, STRICT_FORM)
  return form.ok ? 'read' : form.refusal.reason
}

for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
  proves('IDP-10', `refuses ${method}`, async () => {
    expect(await reasonFor({ method })).toBe('method-not-allowed')
  })
}

const mediaTypes = [
  ['JSON', { 'content-type': 'application/json' }],
  ['no media type', { 'content-type': '' }],
  ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }],
  ['a type that begins like a form', { 'content-type': `${FORM}-x` }],
  ['a compressed body', { 'content-type': FORM, 'content-encoding': 'gzip' }],
] as const

for (const [what, headers] of mediaTypes) {
  proves('IDP-10', `refuses ${what}`, async () => {
    expect(await reasonFor({ body: 'a=1' }, headers)).toBe('wrong-media-type')
  })
}

for (const type of [FORM, `${FORM}; charset=utf-8`, 'Application/X-WWW-Form-Urlencoded ;charset=UTF-8']) {
  proves('IDP-10', `reads ${JSON.stringify(type)}`, async () => {
    expect(await reasonFor({ body: 'a=1' }, { 'content-type': type })).toBe('read')
  })
}

proves('IDP-10', 'refuses bytes that are no UTF-8', async () => {
  expect(await reasonFor({ body: new Uint8Array([0x61, 0x3d, 0xff]) })).toBe('malformed-form')
})

proves('THR-15', 'refuses a body by its announced length, before reading it', async () => {
  let pulled = 0
  const body = new ReadableStream({ pull: () => void pulled++ }, { highWaterMark: 0 })
  const headers = { 'content-type': FORM, 'content-length': String(64 * 1024 + 1) }
  expect(await reasonFor({ body, duplex: 'half' } as RequestInit, headers)).toBe('body-too-large')
  expect(pulled).toBe(0)
})

proves('THR-15', 'stops reading a body of unknown length at the limit', async () => {
  let pulled = 0
  let cancelled = false
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        pulled += 1
        controller.enqueue(new Uint8Array(16 * 1024).fill(0x61))
        if (pulled === 8) controller.close()
      },
      cancel: () => {
        cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  expect(await reasonFor({ body, duplex: 'half' } as RequestInit)).toBe('body-too-large')
  expect(pulled).toBe(5)
  expect(cancelled).toBe(true)
})

proves('THR-15', 'reads a body of exactly the limit', async () => {
  expect(await reasonFor({ body: `a=${'x'.repeat(64 * 1024 - 2)}` })).toBe('read')
})

proves('THR-15', 'tells a body over the limit from a parameter over the limit', () => {
  expect(requestError({ reason: 'body-too-large' }).status).toBe(413)
  expect(requestError({ reason: 'too-many-parameters' }).status).toBe(400)
})
