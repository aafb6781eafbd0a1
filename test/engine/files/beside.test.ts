import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {safeFileName} from '../../../src/engine/download/file-name.ts'
import {partialName, resumeDataName} from '../../../src/engine/files/beside.ts'

const bytes = (name: string) => Buffer.byteLength(name)

describe('partialName and resumeDataName', () => {
  it('append their suffix', () => {
    expect(partialName('a.txt')).toBe('a.txt.part')
    expect(resumeDataName('a.txt')).toBe('a.txt.ferry')
  })

  it('fit into 255 bytes behind every name we choose, and behind long names of the user', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', maxLength: 300}), text => {
        const chosen = safeFileName(text)
        expect(partialName(chosen)).toBe(`${chosen}.part`)
        expect(resumeDataName(chosen)).toBe(`${chosen}.ferry`)
        for (const name of [partialName(text), resumeDataName(text)]) {
          expect(bytes(name)).toBeLessThanOrEqual(255)
          expect(name.isWellFormed()).toBe(true)
        }
      })
    )
  })

  it('keep the files of two long names apart that differ only in the end (CVE-2023-46219)', () => {
    const [one, other] = [`${'文'.repeat(84)}one`, `${'文'.repeat(84)}two`]
    expect(partialName(one)).not.toBe(partialName(other))
    expect(partialName(one)).toBe(partialName(one))
    expect(bytes(partialName(one))).toBeLessThanOrEqual(236)
  })
})
