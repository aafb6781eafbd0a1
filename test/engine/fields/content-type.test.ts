import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseContentType} from '../../../src/engine/fields/content-type.ts'

describe('parseContentType', () => {
  it.each([
    ['text/plain', 'text/plain', {}],
    ['Text/HTML', 'text/html', {}],
    ['application/vnd.api+json', 'application/vnd.api+json', {}],
    ['text/html;charset=UTF-8', 'text/html', {charset: 'UTF-8'}],
    [' text/html ; Charset = x', 'text/html', {}],
    ['text/html ; Charset="utf-8" ', 'text/html', {charset: 'utf-8'}],
    ['multipart/byteranges; boundary="a;b\\"c"', 'multipart/byteranges', {boundary: 'a;b"c'}],
    ['text/html;;charset=a;charset=b;', 'text/html', {charset: 'a'}],
    ['text/html; a=1; b="open', 'text/html', {a: '1'}],
    ['text/html; a=', 'text/html', {}],
    ['text/html; charset', 'text/html', {}],
    ['text/html; __proto__=x', 'text/html', {['__proto__']: 'x'}]
  ])('reads %j', (value, type, parameters) => {
    const contentType = parseContentType(value)
    expect(contentType?.type).toBe(type)
    expect([...(contentType?.parameters ?? [])]).toEqual(Object.entries(parameters))
  })

  it.each([
    '',
    'text',
    'text/',
    '/plain',
    'text plain',
    'text/plain/x',
    'text/pl ain',
    'text/html, text/plain',
    'téxt/plain',
    '*'
  ])('refuses %j', value => {
    expect(parseContentType(value)).toBeUndefined()
  })

  it('reads any quoted value back', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), content => {
        const quoted = content.replace(/["\\]/g, '\\$&')
        expect(parseContentType(`a/b; name="${quoted}"; next=1`)?.parameters.get('name')).toBe(content)
      })
    )
  })
})
