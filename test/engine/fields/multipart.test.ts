import {describe, expect, it} from 'vitest'
import {isBoundary, MultipartReader} from '../../../src/engine/fields/multipart.ts'

interface Part {
  readonly headers: Readonly<Record<string, string>>
  body: string
  end: 'boundary' | 'none'
}

/** The parts of a body that arrives in these pieces; 'tooLarge' where the reader gave up. */
function partsOf(pieces: readonly Uint8Array[], boundary = 'seam'): Part[] | 'tooLarge' {
  const reader = new MultipartReader(boundary)
  const parts: Part[] = []
  const tokens = pieces.flatMap(piece => reader.read(piece).map(copied))
  for (const token of [...tokens, ...reader.finish()]) {
    const last = parts.at(-1)
    if (token.kind === 'part') parts.push({headers: Object.fromEntries(token.headers), body: '', end: 'none'})
    else if (token.kind === 'tooLarge') return 'tooLarge'
    else if (!last) throw new Error(`${token.kind} before a part`)
    else if (token.kind === 'data') last.body += Buffer.from(token.bytes).toString('latin1')
    else last.end = 'boundary'
  }
  return parts
}

type Token = ReturnType<MultipartReader['read']>[number]

// What is read is a view of the piece, whose bytes may change afterwards.
function copied(token: Token): Token {
  return token.kind === 'data' ? {...token, bytes: Buffer.from(token.bytes)} : token
}

function whole(body: string, boundary?: string): Part[] | 'tooLarge' {
  return partsOf([Buffer.from(body, 'latin1')], boundary)
}

const body = [
  'to be ignored\r\n--sea\r\n',
  '--seam\r\nContent-Type: image/jpeg\r\nX-Twice: a\r\n\r\n',
  'one\r\n--sea\r\n\r\r\n--se\n-\r',
  '\r\n--seam \t\r\n\r\n',
  '\r\n--seam\r\nContent-Length: 5\r\n\r\n',
  '--\xff\x00\n',
  '\r\n--seam--\r\nto be ignored\r\n--seam\r\n\r\nno part'
].join('')

const parts = [
  {
    headers: {'content-type': 'image/jpeg', 'x-twice': 'a'},
    body: 'one\r\n--sea\r\n\r\r\n--se\n-\r',
    end: 'boundary'
  },
  {headers: {}, body: '', end: 'boundary'},
  {headers: {'content-length': '5'}, body: '--\xff\x00\n', end: 'boundary'}
]

describe('A multipart body', () => {
  it('is read into its parts, without what stands before and after them (RFC 2046, 5.1)', () => {
    expect(whole(body)).toEqual(parts)
  })

  it('is the same wherever it is cut in two', () => {
    const bytes = Buffer.from(body, 'latin1')
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(partsOf([bytes.subarray(0, cut), bytes.subarray(cut)]), `cut at ${cut}`).toEqual(parts)
    }
  })

  it('is the same when it drips byte by byte, or in threes', () => {
    for (const size of [1, 3]) {
      const bytes = Buffer.from(body, 'latin1')
      const pieces = Array.from({length: Math.ceil(bytes.length / size)}, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size)
      )
      expect(partsOf(pieces)).toEqual(parts)
    }
  })

  it.each([
    ['with lone line feeds', '--seam\nA: b\n\none\n--seam\n\ntwo\n--seam--\n', ['one', 'two']],
    ['whose parts are empty and have no head', '--seam\r\n\r\n--seam\r\n\r\n--seam--', ['', '']],
    [
      'that begins with its second part after a part without content',
      '--seam\n\n\n--seam\n\nx\n--seam--',
      ['', 'x']
    ],
    ['that has no end', '--seam\r\n\r\none\r\n--seam\r\n\r\ntw', ['one', 'tw']],
    ['that ends within a boundary', '--seam\r\n\r\none\r\n--sea', ['one\r\n--sea']],
    ['that ends with a return', '--seam\r\n\r\none\r', ['one\r']],
    ['without a boundary', 'no parts at all', []],
    ['that is empty', '', []]
  ])('%s is read', (_what, text, bodies) => {
    expect(whole(text)).toMatchObject(bodies.map(each => ({body: each})))
    expect(partsOf([...Buffer.from(text)].map(byte => Uint8Array.of(byte)))).toEqual(whole(text))
  })

  it('says which parts a boundary has followed', () => {
    expect(whole('--seam\r\n\r\none\r\n--seam\r\n\r\ntwo')).toMatchObject([{end: 'boundary'}, {end: 'none'}])
  })

  it('may be announced with the delimiter instead of the boundary, as cameras do', () => {
    const text = '--cam\r\n\r\none\r\n--cam\r\n\r\ntwo\r\n--cam--'
    expect(whole(text, '--cam')).toMatchObject([{body: 'one'}, {body: 'two'}])
    const right = '----cam\r\n\r\none\r\n--cam\r\n----cam--'
    expect(whole(right, '--cam')).toMatchObject([{body: 'one\r\n--cam'}])
  })

  it('joins lines of a head that were folded, and leaves out what is none', () => {
    expect(whole('--seam\r\nA: one\r\n two\r\nno field\r\nB : x\r\n\r\n')).toMatchObject([
      {headers: {a: 'one two', b: 'x'}}
    ])
  })

  it.each([
    ['in one line', `A: ${'x'.repeat(17_000)}`],
    ['in many lines', 'A: x\r\n'.repeat(3000)],
    ['without an end', 'x'.repeat(20_000)]
  ])('whose part has a head without measure is given up: %s', (_how, head) => {
    expect(whole(`--seam\r\n${head}\r\n\r\none\r\n--seam--`)).toBe('tooLarge')
    expect(whole('--seam\r\nA: x\r\n\r\none\r\n--seam--')).not.toBe('tooLarge')
  })

  it('of hostile lines costs no more than one of plain bytes of that size', () => {
    const hostile = Buffer.from(`--seam\r\n\r\n${'\r\n--sea'.repeat(300_000)}`)
    const began = performance.now()
    expect(partsOf([hostile])).toHaveLength(1)
    expect(partsOf([Buffer.from(`${'--sea\n'.repeat(300_000)}`)])).toEqual([])
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

describe('A boundary', () => {
  it.each(['seam', "a'()+_,-./:=? b", 'x'.repeat(70)])('may be %j', text => {
    expect(isBoundary(text)).toBe(true)
  })

  it.each([undefined, '', 'x'.repeat(71), 'ends with a blank ', 'a"b', 'a\nb', 'ü'])('is not %j', text => {
    expect(isBoundary(text)).toBe(false)
  })
})
