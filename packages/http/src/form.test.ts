import { proves } from '@carnet/requirements/vitest'
import { expect, test } from 'vitest'
import { MAX_FORM_PARAMETERS, parseForm } from './form.ts'

const REPEATABLE = new Set(['resource'])

function parsed(body: string): Record<string, readonly string[]> | string {
  const form = parseForm(body, REPEATABLE)
  return form.ok ? Object.fromEntries(form.value.entries()) : form.refusal.reason
}

const repeated = [
  ['is sent twice', 'scope=a&scope=b'],
  ['is sent twice with the same value', 'scope=a&scope=a'],
  ['is sent twice, once empty', 'scope=&scope=a'],
  ['is sent twice, once under an escaped name', 'scope=a&%73cope=b'],
  ['is unknown to everybody and sent twice', 'foo=1&foo=2'],
] as const

for (const [fault, body] of repeated) {
  proves('IDP-11', `refuses a parameter that ${fault}`, () => {
    expect(parsed(body)).toBe('repeated-parameter')
  })
}

proves('IDP-11', 'lets a parameter repeat where its specification does', () => {
  expect(parsed('resource=a&resource=&resource=b')).toEqual({ resource: ['a', 'b'] })
})

for (const [where, body] of [
  ['a value, escaped', 'a=1&scope=b%00c'],
  ['a value, as it is', 'a=1&scope=b\0c'],
  ['a name', 'a%00=1'],
] as const) {
  test(`refuses a NUL in ${where}`, () => {
    expect(parsed(body)).toBe('malformed-form')
    expect(parsed('scope=%2500')).toEqual({ scope: ['%00'] })
  })
}

const absent = [
  ['an empty value', 'scope=&a=1'],
  ['no equals sign', 'scope&a=1'],
  ['nothing between two separators', '&&a=1&'],
] as const

for (const [how, body] of absent) {
  proves('IDP-11', `takes ${how} for absence`, () => {
    expect(parsed(body)).toEqual({ a: ['1'] })
  })
}

const malformed = [
  ['a broken escape', 'a=%zz'],
  ['a cut escape', 'a=%4'],
  ['a byte that is no UTF-8', 'a=%ff'],
  ['an overlong encoding', 'a=%c0%ae'],
  ['a broken escape in a name', '%=1'],
] as const

for (const [fault, body] of malformed) {
  proves('IDP-10', `refuses a form with ${fault}`, () => {
    expect(parsed(body)).toBe('malformed-form')
  })
}

proves('IDP-10', 'reads escapes, plus signs and everything after the first equals sign', () => {
  expect(parsed('a=x+y%2Bz=%C3%A4&__proto__=p')).toEqual(
    Object.fromEntries([
      ['a', ['x y+z=ä']],
      ['__proto__', ['p']],
    ]),
  )
})

proves('THR-15', 'refuses a form with more parameters than any request has', () => {
  const body = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=1`).join('&')
  expect(parsed(body(MAX_FORM_PARAMETERS))).toBeTypeOf('object')
  expect(parsed(body(MAX_FORM_PARAMETERS + 1))).toBe('too-many-parameters')
})
