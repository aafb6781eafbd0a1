import {describe, expect, it} from 'vitest'
import {hasStrongValidator, ifRange} from '../../../src/engine/fields/if-range.ts'

const lastModified = 'Sun, 06 Nov 1994 08:49:37 GMT'
const oneMinuteLater = 'Sun, 06 Nov 1994 08:50:37 GMT'
const almostOneMinuteLater = 'Sun, 06 Nov 1994 08:50:36 GMT'

describe('ifRange', () => {
  it.each([
    ['a strong tag', {entityTag: '"v1"'}, '"v1"'],
    ['a strong tag rather than a date', {entityTag: '"v1"', lastModified, date: oneMinuteLater}, '"v1"'],
    ['a strong tag without the blanks around it', {entityTag: ' "v1" '}, '"v1"'],
    ['a date one minute older than the reply', {lastModified, date: oneMinuteLater}, lastModified],
    [
      'a date as the server wrote it',
      {lastModified: 'Sun Nov  6 08:49:37 1994', date: oneMinuteLater},
      'Sun Nov  6 08:49:37 1994'
    ]
  ])('sends %s', (_, validators, value) => {
    expect(ifRange(validators)).toBe(value)
    expect(hasStrongValidator(validators)).toBe(true)
  })

  it.each([
    ['without validators', {}],
    ['with a weak tag', {entityTag: 'W/"v1"'}],
    ['with a date beside a weak tag', {entityTag: 'W/"v1"', lastModified, date: oneMinuteLater}],
    ['with a date beside a broken tag', {entityTag: 'v1', lastModified, date: oneMinuteLater}],
    ['with a date beside an empty tag', {entityTag: '', lastModified, date: oneMinuteLater}],
    ['with a date younger than a minute', {lastModified, date: almostOneMinuteLater}],
    ['with a date younger than the reply', {lastModified: oneMinuteLater, date: lastModified}],
    ['with a date when the reply has none', {lastModified}],
    ['with a date when that of the reply is junk', {lastModified, date: 'yesterday'}],
    ['with a date that is junk', {lastModified: 'yesterday', date: oneMinuteLater}],
    ['with the date of the reply only', {date: oneMinuteLater}],
    ['with a tag that carries another header', {entityTag: '"a"\r\nX-Evil: "b"'}]
  ])('proves nothing %s', (_, validators) => {
    expect(ifRange(validators)).toBeUndefined()
    expect(hasStrongValidator(validators)).toBe(false)
  })
})
