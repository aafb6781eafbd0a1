import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {formatUploadComplete, parseUploadComplete} from '../../../src/engine/fields/upload-complete.ts'
import {formatUploadLength, parseUploadLength} from '../../../src/engine/fields/upload-length.ts'
import {parseUploadLimit} from '../../../src/engine/fields/upload-limit.ts'
import {formatUploadOffset, parseUploadOffset} from '../../../src/engine/fields/upload-offset.ts'

describe.each([
  ['Upload-Offset', parseUploadOffset, formatUploadOffset],
  ['Upload-Length', parseUploadLength, formatUploadLength]
] as const)('%s', (_, parse, format) => {
  it('is a number of bytes, and as it was written', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: 999_999_999_999_999}), bytes => {
        expect(parse(format(bytes))).toBe(bytes)
      })
    )
  })

  it.each(['', '-1', '1.5', '?1', 'ten', '1, 1', '1000000000000000', '0x10'])('is not said by %j', value => {
    expect(parse(value)).toBeUndefined()
  })
})

describe('Upload-Complete', () => {
  it.each([true, false])('says %s', isComplete => {
    expect(parseUploadComplete(formatUploadComplete(isComplete))).toBe(isComplete)
  })

  it.each(['', '1', 'true', '?1, ?0', '?2'])('says nothing in %j', value => {
    expect(parseUploadComplete(value)).toBeUndefined()
  })
})

describe('Upload-Limit', () => {
  it.each([
    ['min-size=0', {minSize: 0}],
    [
      'max-size=5, min-size=1, max-append-size=4, min-append-size=2, max-age=60',
      {maxSize: 5, minSize: 1, maxAppendSize: 4, minAppendSize: 2, maxAge: 60}
    ],
    ['max-size=5;soft, colour="red", x=(1 2), new', {maxSize: 5}],
    ['max-size=5, max-size=6', {maxSize: 6}],
    ['expires=60', {}],
    ['', {}]
  ])('is read from %j', (value, limit) => {
    expect(parseUploadLimit(value)).toEqual(limit)
  })

  it.each([
    'max-size="5"',
    'min-size=1, max-size=5.0',
    'max-age=?1',
    'max-size',
    'max-size=-1',
    'max-size=(5)',
    'max-size=5,'
  ])('is void as a whole in %j', value => {
    expect(parseUploadLimit(value)).toBeUndefined()
  })

  it('calls the age as its dialect does', () => {
    expect(parseUploadLimit('expires=60', ['max-age', 'expires'])).toEqual({maxAge: 60})
    expect(parseUploadLimit('expires=60, max-age=30', ['max-age', 'expires'])).toEqual({maxAge: 30})
    expect(parseUploadLimit('expires="soon"', ['max-age', 'expires'])).toBeUndefined()
    expect(parseUploadLimit('expires="soon"')).toEqual({})
  })
})
