import {describe, expect, it} from 'vitest'
import {mostContentCodings, parseContentEncoding} from '../../../src/engine/fields/content-encoding.ts'

describe('parseContentEncoding', () => {
  it.each([
    ['no line', [], []],
    ['an empty line', [''], []],
    ['one coding', ['gzip'], ['gzip']],
    ['capitals', ['GZip'], ['gzip']],
    ['the old names', ['x-gzip, X-Compress'], ['gzip', 'compress']],
    ['identity, which is no coding', ['identity', 'gzip, Identity'], ['gzip']],
    ['several lines, in order', ['gzip, br', 'zstd'], ['gzip', 'br', 'zstd']],
    ['empty members', [',gzip,,br,'], ['gzip', 'br']],
    ['a coding nobody knows, for the caller to refuse', ['rot13'], ['rot13']],
    ['every repetition, because each is one more decoder', ['gzip, gzip'], ['gzip', 'gzip']]
  ])('reads %s', (_, values, codings) => {
    expect(parseContentEncoding(values)).toEqual(codings)
  })

  it('counts codings over all lines, so that no limit per line can be passed', () => {
    expect(parseContentEncoding(['gzip, gzip, gzip', 'gzip, gzip, gzip']).length).toBeGreaterThan(
      mostContentCodings
    )
  })
})
