import {describe, expect, it} from 'vitest'
import {parseCacheControl, secondsOf} from '../../../src/engine/fields/cache-control.ts'

describe('Cache-Control', () => {
  it.each([
    ['max-age=60', {'max-age': '60'}],
    ['Max-Age=60, NO-STORE', {'max-age': '60', 'no-store': ''}],
    ['private="set-cookie, x-own", max-age="5"', {private: 'set-cookie, x-own', 'max-age': '5'}],
    [' ,, public ,', {public: ''}],
    ['max-age=600, max-age=10', {'max-age': '10'}],
    ['max-age=soon, max-age=10', {'max-age': '10'}],
    ['max-age = 5, no-store', {'no-store': ''}],
    ['x="never closed, no-store', {'no-store': ''}],
    ['', {}]
  ])('%j is read', (value, directives) => {
    expect(Object.fromEntries(parseCacheControl(value))).toEqual(directives)
  })

  it.each([
    ['0', 0],
    ['60', 60],
    ['99999999999999999999', 2 ** 31],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
    [undefined, undefined]
  ])('counts %j as %s seconds', (text, seconds) => {
    expect(secondsOf(text)).toBe(seconds)
  })
})
