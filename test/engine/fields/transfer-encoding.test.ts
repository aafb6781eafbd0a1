import {expect, it} from 'vitest'
import {parseTransferEncoding} from '../../../src/engine/fields/transfer-encoding.ts'

it.each([
  [undefined, 'none'],
  ['chunked', 'chunked'],
  ['Chunked ', 'chunked'],
  ['', 'refused'],
  ['identity', 'refused'],
  ['gzip, chunked', 'refused'],
  ['chunked, identity', 'refused'],
  ['chunked, chunked', 'refused'],
  ['chunked,', 'refused'],
  ['chunked; q=1', 'refused'],
  ['xchunked', 'refused'],
  ['"chunked"', 'refused'],
  ['chunked\u0000', 'refused']
])('parseTransferEncoding takes %j for %s', (value, kind) => {
  expect(parseTransferEncoding(value)).toBe(kind)
})
