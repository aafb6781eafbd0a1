import {describe, expect, it} from 'vitest'
import {rangeHeaders} from '../../../src/engine/download/range-request.ts'
import type {Held} from '../../../src/engine/download/range-request.ts'
import type {Validators} from '../../../src/engine/exchange/validators.ts'
import type {HeaderField} from '../../../src/engine/index.ts'

const none: Validators = {entityTag: undefined, lastModified: undefined, date: undefined}
const early = 'Sat, 21 Nov 2026 08:00:00 GMT'
const late = 'Sat, 21 Nov 2026 09:00:00 GMT'
const held: Held = {offset: 400, total: 1000, validators: {...none, entityTag: '"v1"'}}
const dated: Held = {...held, validators: {...none, lastModified: early, date: late}}

describe('the headers of a request', () => {
  const own: HeaderField[] = [
    ['accept', 'text/plain'],
    ['RANGE', 'bytes=1-2'],
    ['If-Range', '"old"'],
    ['Accept-Encoding', 'gzip']
  ]

  it.each<[string, Held | undefined, HeaderField[]]>([
    ['stay as they are when nothing is here', undefined, own],
    [
      'ask for the rest of the tagged version, once [semantics 2.3]',
      held,
      [
        ['accept', 'text/plain'],
        ['Accept-Encoding', 'identity'],
        ['Range', 'bytes=400-'],
        ['If-Range', '"v1"']
      ]
    ],
    [
      'name the date where there is no tag',
      dated,
      [
        ['accept', 'text/plain'],
        ['Accept-Encoding', 'identity'],
        ['Range', 'bytes=400-'],
        ['If-Range', early]
      ]
    ]
  ])('%s', (_title, before, expected) => {
    expect(rangeHeaders(own, before)).toEqual(expected)
  })

  it.each([
    ['a weak tag', {...none, entityTag: 'W/"v1"', lastModified: early, date: late}],
    ['a date of a moment ago', {...none, lastModified: early, date: 'Sat, 21 Nov 2026 08:00:30 GMT'}]
  ])('never carry If-Range with %s [wrong 5]', (_case, validators) => {
    const names = rangeHeaders([], {...held, validators}).map(([name]) => name)
    expect(names).not.toContain('If-Range')
  })
})
