import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseAcceptRanges} from '../../../src/engine/fields/accept-ranges.ts'
import {parseContentEncoding} from '../../../src/engine/fields/content-encoding.ts'
import {parseContentLength} from '../../../src/engine/fields/content-length.ts'
import {parseContentRange, parseUnsatisfiedRange} from '../../../src/engine/fields/content-range.ts'
import {parseContentType} from '../../../src/engine/fields/content-type.ts'
import {isStrong, parseEntityTag, sameEntityTag} from '../../../src/engine/fields/entity-tag.ts'
import {parseHttpDate} from '../../../src/engine/fields/http-date.ts'
import {ifRange} from '../../../src/engine/fields/if-range.ts'
import {parseRangeArgument} from '../../../src/engine/fields/range.ts'
import {parseRetryAfter} from '../../../src/engine/fields/retry-after.ts'
import {parseBoolean, parseDictionary, parseInteger} from '../../../src/engine/fields/structured-field.ts'
import {parseTransferEncoding} from '../../../src/engine/fields/transfer-encoding.ts'

const leaves: readonly (readonly [name: string, read: (value: string) => unknown])[] = [
  ['Accept-Ranges', parseAcceptRanges],
  ['Content-Encoding', value => parseContentEncoding([value, value])],
  ['Content-Length', value => parseContentLength([value, value])],
  ['Content-Range', parseContentRange],
  ['Content-Range of a 416', parseUnsatisfiedRange],
  ['Content-Type', parseContentType],
  ['ETag', value => [parseEntityTag(value), isStrong(value), sameEntityTag(value, value)]],
  ['Date', parseHttpDate],
  ['If-Range', value => [ifRange({entityTag: value}), ifRange({lastModified: value, date: value})]],
  ['--range', parseRangeArgument],
  ['Retry-After', value => parseRetryAfter(value, {now: 0, date: value})],
  ['Transfer-Encoding', parseTransferEncoding],
  ['a structured field', value => [parseInteger(value), parseBoolean(value), parseDictionary(value)]],
  ['a structured dictionary', value => parseDictionary(`a=1;b=(${value}`)]
]

const scraps = [
  'bytes ',
  'bytes */',
  'W/"',
  '"',
  '\\',
  'text/html;',
  'a="',
  '=',
  ';',
  ',',
  '-',
  '/',
  '*',
  '1',
  '9',
  ' ',
  '\t',
  '(',
  '?1',
  'a',
  'a=1, ',
  '; a',
  'GMT',
  'Sun, '
]
const likely = fc
  .array(fc.oneof(fc.constantFrom(...scraps), fc.string({unit: 'binary'})))
  .map(pieces => pieces.join(''))

describe.each(leaves)('%s', (_, read) => {
  it('answers every text instead of throwing', () => {
    fc.assert(
      fc.property(likely, value => {
        read(value)
      })
    )
  })

  // CVE-2023-24807. Linear work on a megabyte takes milliseconds, quadratic work hours: the limit only tells these apart.
  it('reads a megabyte of junk in linear time', {timeout: 60_000}, () => {
    const started = performance.now()
    for (const scrap of scraps) {
      const junk = scrap.repeat(1_000_000 / scrap.length)
      for (const value of [junk, `bytes 1${junk}x`, `text/html; a="${junk}`]) read(value)
    }
    expect(performance.now() - started).toBeLessThan(30_000)
  })
})
