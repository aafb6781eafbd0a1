import {describe, expect, it} from 'vitest'
import {placeResponse} from '../../../src/engine/download/place-response.ts'
import type {Placement} from '../../../src/engine/download/place-response.ts'
import type {Held} from '../../../src/engine/download/range-request.ts'
import {differenceOf} from '../../../src/engine/exchange/validators.ts'
import type {Validators} from '../../../src/engine/exchange/validators.ts'
import type {URLResponse} from '../../../src/engine/index.ts'

const none: Validators = {entityTag: undefined, lastModified: undefined, date: undefined}
const early = 'Sat, 21 Nov 2026 08:00:00 GMT'
const late = 'Sat, 21 Nov 2026 09:00:00 GMT'
const held: Held = {offset: 400, total: 1000, validators: {...none, entityTag: '"v1"'}}
const unannounced: Held = {...held, total: undefined}
const dated: Held = {...held, validators: {...none, lastModified: early, date: late}}

type Fields = Readonly<Record<string, string>>

function response(status: number, fields: Fields = {}): URLResponse {
  const length = fields['content-length']
  return {
    url: new URL('http://127.0.0.1/F'),
    status,
    statusText: '',
    headers: Object.entries(fields),
    expectedContentLength: length === undefined ? undefined : Number(length)
  }
}

type Row = readonly [
  title: string,
  held: Held | undefined,
  answer: readonly [number, Fields?],
  Placement['kind'],
  object?
]

const changed = {why: 'changed'}
const unusable = {why: 'unusable'}
const v1 = {etag: '"v1"'}
const rest = {'content-range': 'bytes 400-999/1000'}

const asked: Row[] = [
  ['206 from the offset, same tag [D5]', held, [206, {...v1, ...rest}], 'append', {offset: 400, total: 1000}],
  ['206 without any validator [D5]', held, [206, rest], 'append', {offset: 400}],
  ['206 with a date where a tag was known [D5]', held, [206, {...rest, 'last-modified': late}], 'append'],
  ['206 with a tag where a date was known [D5]', dated, [206, {...rest, etag: '"v9"'}], 'append'],
  ['206 with its length', held, [206, {...rest, 'content-length': '600'}], 'append'],
  [
    '206 that starts earlier [D6]',
    held,
    [206, {'content-range': 'bytes 100-999/1000'}],
    'append',
    {offset: 100}
  ],
  ['206 that starts at zero [D6]', held, [206, {'content-range': 'bytes 0-999/1000'}], 'append', {offset: 0}],
  ['206 that starts later [D7]', held, [206, {'content-range': 'bytes 401-999/1000'}], 'refetch', unusable],
  ['206 without Content-Range [D7]', held, [206], 'refetch', unusable],
  ['206 with words as Content-Range [D7]', held, [206, {'content-range': 'bytes all'}], 'refetch', unusable],
  ['206 with another unit [D7]', held, [206, {'content-range': 'items 400-999/1000'}], 'refetch', unusable],
  ['206 that runs backwards [D7]', held, [206, {'content-range': 'bytes 400-399/1000'}], 'refetch', unusable],
  [
    '206 of another length than its range [D7]',
    held,
    [206, {...rest, 'content-length': '601'}],
    'refetch',
    unusable
  ],
  [
    '206 with an unknown total [D8]',
    held,
    [206, {'content-range': 'bytes 400-999/*'}],
    'append',
    {total: undefined}
  ],
  ['206 that tells the total first', unannounced, [206, rest], 'append', {total: 1000}],
  ['206 with a larger total [D8]', held, [206, {'content-range': 'bytes 400-999/1001'}], 'refetch', changed],
  [
    '206 with a smaller total [D8, D21]',
    held,
    [206, {'content-range': 'bytes 0-99/100'}],
    'refetch',
    changed
  ],
  [
    '206 of a shorter one, total unknown before [D21]',
    unannounced,
    [206, {'content-range': 'bytes 0-99/100'}],
    'refetch',
    changed
  ],
  [
    '206 that ends beyond the total [D8]',
    held,
    [206, {'content-range': 'bytes 400-1000/*'}],
    'refetch',
    changed
  ],
  ['206 with another tag [D9]', held, [206, {...rest, etag: '"v2"'}], 'refetch', changed],
  ['206 with the tag become weak [D9]', held, [206, {...rest, etag: 'W/"v1"'}], 'refetch', changed],
  ['206 with another date [D9]', dated, [206, {...rest, 'last-modified': late}], 'refetch', changed],
  [
    '206 that is shorter than asked [D10]',
    held,
    [206, {'content-range': 'bytes 400-499/1000'}],
    'append',
    {total: 1000}
  ],
  ['206 of encoded content [D18]', held, [206, {...rest, 'content-encoding': 'gzip'}], 'refetch', unusable],
  ['206 of content encoded as identity', held, [206, {...rest, 'content-encoding': 'identity'}], 'append'],
  [
    '200 with another tag [D11]',
    held,
    [200, {etag: '"v2"', 'content-length': '900'}],
    'restart',
    {content: 'changed', total: 900}
  ],
  ['200 without a tag [D11]', held, [200, {'content-length': '1000'}], 'restart', {content: 'changed'}],
  [
    '200 with the same tag [D11]',
    held,
    [200, {...v1, 'content-length': '1000'}],
    'restart',
    {content: 'same', total: 1000}
  ],
  ['200 with the same tag, in chunks [D11]', held, [200, v1], 'restart', {content: 'same', total: undefined}],
  [
    '200 with the same tag over another length [D21]',
    held,
    [200, {...v1, 'content-length': '100'}],
    'restart',
    {content: 'changed'}
  ],
  [
    '200 with the same tag, shorter than what is here [D21]',
    unannounced,
    [200, {...v1, 'content-length': '399'}],
    'restart',
    {content: 'changed'}
  ],
  ['200 with the same date only', dated, [200, {'last-modified': early}], 'restart', {content: 'changed'}],
  [
    '200 with the range asked for [D12]',
    held,
    [200, {...rest, 'content-length': '600'}],
    'append',
    {offset: 400}
  ],
  ['200 with the range, but of unknown length [D12]', held, [200, rest], 'refetch', unusable],
  [
    '200 with the range of another tag [D12]',
    held,
    [200, {...rest, etag: '"v2"', 'content-length': '600'}],
    'refetch',
    unusable
  ],
  [
    '200 with another range [row 30]',
    held,
    [200, {'content-range': 'bytes 0-599/1000', 'content-length': '600'}],
    'refetch',
    unusable
  ],
  [
    '200 with the range, encoded [D18]',
    held,
    [200, {...rest, 'content-length': '600', 'content-encoding': 'br'}],
    'refetch',
    unusable
  ],
  ['412 [D14]', held, [412], 'refetch', changed],
  [
    '416 that ends where this ends [D13]',
    held,
    [416, {'content-range': 'bytes */400'}],
    'confirm',
    {total: 400}
  ],
  ['416 that ends elsewhere [D13]', held, [416, {'content-range': 'bytes */100'}], 'refetch', changed],
  ['416 that says nothing [D13]', held, [416], 'refetch', changed],
  ['416 that says nothing, all being here [D13]', {...held, offset: 1000}, [416], 'confirm', {total: 1000}]
]

const unasked: Row[] = [
  ['200', undefined, [200, {'content-length': '5'}], 'restart', {total: 5}],
  ['200 without a length', undefined, [200], 'restart', {total: undefined}],
  ['206 of everything', undefined, [206, {'content-range': 'bytes 0-999/1000'}], 'restart'],
  ['206 of a piece', undefined, [206, {'content-range': 'bytes 0-998/1000'}], 'refetch', unusable],
  ['206 from the middle', undefined, [206, rest], 'refetch', unusable],
  [
    '206 of a piece of unknown size',
    undefined,
    [206, {'content-range': 'bytes 0-999/*'}],
    'refetch',
    unusable
  ],
  ['206 without Content-Range', undefined, [206], 'refetch', unusable],
  ['200 with a slice [row 30]', undefined, [200, rest], 'refetch', unusable]
]

function named(rows: readonly Row[]): {title: string; row: Row}[] {
  return rows.map(row => ({title: row[0], row}))
}

function expectPlacement([, before, [status, fields], kind, facts = {}]: Row): void {
  expect(placeResponse(before, response(status, fields))).toMatchObject({kind, ...facts})
}

describe('the answer to a request for the rest', () => {
  it.each(named(asked))('$title', ({row}) => expectPlacement(row))
})

describe('the answer to a plain request', () => {
  it.each(named(unasked))('$title', ({row}) => expectPlacement(row))
})

describe('two sets of validators', () => {
  it.each<[Partial<Validators>, Partial<Validators>, 'same' | 'different']>([
    [{}, {}, 'same'],
    [{entityTag: '"a"'}, {}, 'same'],
    [{}, {entityTag: '"a"'}, 'same'],
    [{entityTag: '"a"'}, {entityTag: '"a"', lastModified: late}, 'same'],
    [{entityTag: '"a"', lastModified: early}, {entityTag: '"a"', lastModified: late}, 'same'],
    [{entityTag: '"a"'}, {entityTag: '"A"'}, 'different'],
    [{entityTag: '"a"'}, {entityTag: 'W/"a"'}, 'different'],
    [{lastModified: early}, {lastModified: early}, 'same'],
    [{lastModified: early}, {lastModified: late}, 'different'],
    [{entityTag: '"a"', lastModified: early}, {lastModified: late}, 'different']
  ])('%j and %j are %s', (before, now, verdict) => {
    const difference = differenceOf({...none, ...before}, {...none, ...now})
    expect(difference === undefined ? 'same' : 'different').toBe(verdict)
  })
})
