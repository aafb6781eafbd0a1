import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {dialectOf, stateIn} from '../../../src/engine/upload/resumable-upload-dialect.ts'
import {uploadResource} from '../../../src/engine/upload/resumable-upload-location.ts'
import {pieceAt} from '../../../src/engine/upload/resumable-upload-piece.ts'
import {judge} from '../../../src/engine/upload/resumable-upload-verdict.ts'
import {defaults} from '../../../src/engine/configuration-keys.ts'

const last = {first: 10, length: 10, isLast: true}
const part = {...last, isLast: false}
const yes = {isComplete: true}
const no = {isComplete: false}

type Row = readonly [
  what: string,
  version: 3 | 5 | 6 | 8,
  status: number,
  state: {readonly isComplete?: boolean; readonly offset?: number},
  sent: typeof last,
  verdict: string | number
]

describe('the answer to a piece of an upload', () => {
  // A number: advanced to that offset.
  const rows: readonly Row[] = [
    ['success for the end, in plain words', 8, 200, {}, last, 'answered'],
    ['success for the end, by the target', 8, 200, yes, last, 'final'],
    ['success for the end, by the protocol', 8, 204, no, last, 20],
    ['success for the end, with less', 8, 204, {offset: 15}, last, 15],
    ['success for a part, in plain words', 8, 204, {}, part, 20],
    ['success for a part, with less', 8, 204, {...no, offset: 15}, part, 15],
    ['success for a part, by the target already', 8, 200, yes, part, 'contradictory'],
    ['success for the end, by the target, with less', 8, 200, {...yes, offset: 15}, last, 'contradictory'],
    ['success for the end, with more than was sent', 8, 200, {...no, offset: 21}, last, 'contradictory'],
    ['success for a part, with more than was sent', 8, 204, {offset: 21}, part, 'contradictory'],
    ['success for a part that an early draft calls complete', 5, 201, {...yes, offset: 20}, part, 20],
    [
      'success for a part that a late draft calls complete',
      6,
      201,
      {...yes, offset: 20},
      part,
      'contradictory'
    ],
    ['success for the end in an early draft', 3, 201, {offset: 20}, last, 'answered'],
    ['success with another offset in an early draft', 3, 201, {offset: 15}, last, 'contradictory'],
    [
      'success for a part with another offset in an early draft',
      5,
      201,
      {...no, offset: 21},
      part,
      'contradictory'
    ],
    ['a refusal by the target', 8, 422, yes, last, 'final'],
    ['a failure of the target', 8, 503, yes, part, 'final'],
    ['a failure of the server', 8, 503, no, last, 'refused'],
    ['a conflict', 8, 409, {...no, offset: 12}, last, 'refused'],
    ['too much at once', 8, 413, no, last, 'tooLarge'],
    ['an upload that nobody knows', 8, 404, {}, last, 'gone'],
    ['an upload that is no more', 5, 410, {}, last, 'gone'],
    ['a redirection that nobody follows', 8, 307, {}, last, 'refused']
  ]

  it.each(rows)('is judged: %s', (_, version, status, said, sent, expected) => {
    const state = {isComplete: undefined, offset: undefined, limit: {}, ...said}
    const verdict = judge({status, state, sent, request: 'append', dialect: dialectOf(version)})
    expect(verdict.kind === 'advanced' ? verdict.offset : verdict.kind).toBe(expected)
  })

  it('is not about an upload where the request was to begin one', () => {
    const state = {isComplete: undefined, offset: undefined, limit: {}}
    const dialect = dialectOf(8)
    expect(judge({status: 404, state, sent: last, request: 'creation', dialect}).kind).toBe('refused')
  })
})

describe('a piece of an upload', () => {
  it.each([
    [0, {}, {first: 0, length: 100, isLast: true}],
    [100, {}, {first: 100, length: 0, isLast: true}],
    [0, {maxAppendSize: 60}, {first: 0, length: 60, isLast: false}],
    [60, {maxAppendSize: 60}, {first: 60, length: 40, isLast: true}],
    [40, {maxAppendSize: 60}, {first: 40, length: 60, isLast: true}],
    [0, {maxAppendSize: 60, minAppendSize: 60}, {first: 0, length: 60, isLast: false}],
    [60, {maxAppendSize: 60, minAppendSize: 50}, {first: 60, length: 40, isLast: true}],
    [0, {maxAppendSize: 60, minAppendSize: 61}, undefined],
    [0, {maxAppendSize: 0}, undefined],
    [100, {maxAppendSize: 0}, {first: 100, length: 0, isLast: true}]
  ])('at %i of 100 bytes within %j is %j', (offset, limit, piece) => {
    expect(pieceAt(offset, {size: 100, limit})).toEqual(piece)
  })

  it('is followed by others until everything is sent, none too large and only the last one short', () => {
    const sizes = fc.integer({min: 0, max: 5000})
    fc.assert(
      fc.property(
        sizes,
        fc.integer({min: 1, max: 700}),
        fc.integer({min: 0, max: 700}),
        (size, most, least) => {
          fc.pre(least <= most)
          const limit = {maxAppendSize: most, minAppendSize: least}
          let piece = pieceAt(0, {size, limit})
          while (piece && !piece.isLast) {
            expect(piece.length).toBeLessThanOrEqual(most)
            expect(piece.length).toBeGreaterThanOrEqual(least)
            piece = pieceAt(piece.first + piece.length, {size, limit})
          }
          expect(piece && piece.first + piece.length).toBe(size)
        }
      )
    )
  })
})

describe('what an answer says about an upload', () => {
  it.each([
    [3, [['upload-incomplete', '?1']], false],
    [3, [['upload-incomplete', '?0']], true],
    [3, [['upload-complete', '?1']], true],
    [
      3,
      [
        ['upload-complete', '?0'],
        ['upload-incomplete', '?0']
      ],
      false
    ],
    [5, [['upload-incomplete', '?0']], undefined],
    [8, [['upload-complete', 'yes']], undefined]
  ] as const)('in version %i, by %j, is completeness %s', (version, headers, isComplete) => {
    expect(stateIn(dialectOf(version), headers).isComplete).toBe(isComplete)
  })
})

describe('the place of an upload', () => {
  const asked = new URL('https://example.invalid/deep/U?x=1')
  const rules = defaults.redirects

  it.each([
    ['/named', 'https://example.invalid/named'],
    ['named', 'https://example.invalid/deep/named'],
    ['//other.invalid/n', 'https://other.invalid/n'],
    ['https://me:and@other.invalid/n#part', 'https://other.invalid/n'],
    ['?upload=5', 'https://example.invalid/deep/U?upload=5'],
    ['http://example.invalid/n', undefined],
    ['ftp://example.invalid/n', undefined],
    ['javascript:1', undefined],
    ['https://[', undefined],
    ['/na\x00med', undefined]
  ])('is read from %j', (location, url) => {
    expect(uploadResource([['location', location]], {asked, rules})?.href).toBe(url)
  })

  it('may be without TLS where redirections may', () => {
    const headers = [['location', 'http://example.invalid/n']] as const
    expect(uploadResource(headers, {asked, rules: {...rules, allowDowngrade: true}})?.href).toBe(
      headers[0][1]
    )
    expect(uploadResource(headers, {asked: new URL('http://example.invalid/'), rules})).toBeDefined()
  })

  it('is nowhere where an answer names two, and in one place where it names that twice', () => {
    const twice = [
      ['location', '/a'],
      ['location', '/a']
    ] as const
    expect(uploadResource(twice, {asked, rules})?.pathname).toBe('/a')
    expect(uploadResource([...twice, ['location', '/b']], {asked, rules})).toBeUndefined()
  })
})
