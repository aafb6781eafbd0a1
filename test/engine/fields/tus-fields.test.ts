import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseTusChecksumAlgorithm} from '../../../src/engine/fields/tus-checksum-algorithm.ts'
import {parseTusExtension} from '../../../src/engine/fields/tus-extension.ts'
import {parseTusMaxSize} from '../../../src/engine/fields/tus-max-size.ts'
import {parseTusVersion} from '../../../src/engine/fields/tus-version.ts'
import {formatUploadChecksum} from '../../../src/engine/fields/upload-checksum.ts'
import {formatFinalUpload} from '../../../src/engine/fields/upload-concat.ts'
import {formatUploadMetadata} from '../../../src/engine/fields/upload-metadata.ts'

describe('Tus-Extension', () => {
  it('is a list of names, whatever the blanks, the case and the empty places', () => {
    expect(parseTusExtension('Creation, expiration ,,checksum')).toEqual(
      new Set(['creation', 'expiration', 'checksum'])
    )
    expect(parseTusExtension('')).toEqual(new Set())
  })
})

describe('Tus-Version', () => {
  it('keeps the order of the server, and passes over what is no version', () => {
    expect(parseTusVersion('1.0.0, 0.2.2,beta,0.2.1')).toEqual(['1.0.0', '0.2.2', '0.2.1'])
  })
})

describe('Tus-Checksum-Algorithm', () => {
  it('is a list of names without capitals', () => {
    expect(parseTusChecksumAlgorithm('md5, sha1,SHA256,crc 32,sha256')).toEqual(['md5', 'sha1', 'sha256'])
  })
})

describe('Tus-Max-Size', () => {
  it.each([
    ['0', 0],
    ['1073741824', 1073741824],
    ['-1', undefined],
    ['1e9', undefined],
    ['1.5', undefined],
    ['99999999999999999999', undefined],
    ['', undefined],
    ['5, 6', undefined]
  ])('of "%s" is %s', (value, size) => {
    expect(parseTusMaxSize(value)).toBe(size)
  })
})

describe('Upload-Metadata', () => {
  it('has keys, and values in base64; an empty value is left out', () => {
    const entries = new Map([
      ['filename', 'world_domination_plan.pdf'],
      ['is_confidential', '']
    ])
    expect(formatUploadMetadata(entries)).toBe(
      'filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential'
    )
  })

  it('is undefined for nothing, and for keys that cannot be written', () => {
    expect(formatUploadMetadata(new Map())).toBeUndefined()
    for (const key of ['', 'a b', 'a,b', 'ä', 'a\r\n']) {
      expect(formatUploadMetadata(new Map([[key, 'x']]))).toBeUndefined()
    }
  })

  it('brings every text through, and never a character that a header may not have', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', minLength: 1}), text => {
        const value = formatUploadMetadata(new Map([['name', text]])) ?? ''
        expect(value).toMatch(/^name [A-Za-z0-9+/]+={0,2}$/)
        expect(Buffer.from(value.slice(5), 'base64').toString()).toBe(text)
      })
    )
  })
})

describe('Upload-Checksum and Upload-Concat', () => {
  it('are written as the protocol shows them', () => {
    expect(formatUploadChecksum({algorithm: 'sha1', base64: 'Kq5sNclPz7QV2+lfQIuc6R7oRu0='})).toBe(
      'sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0='
    )
    expect(formatFinalUpload(['/files/a', '/files/b'])).toBe('final;/files/a /files/b')
  })
})
