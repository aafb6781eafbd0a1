import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {
  chooseFileName,
  fileNameFromContentDisposition,
  fileNameFromUrl,
  partialName,
  resumeDataName,
  safeFileName
} from '../../../src/engine/download/file-name.ts'

const origin = 'http://127.0.0.1'
const bytes = (name: string) => Buffer.byteLength(name)
const asReceived = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

describe('safeFileName', () => {
  it.each([
    ['an ordinary name', 'report.pdf', 'report.pdf'],
    ['blanks and brackets inside', 'my file (1) [a].txt', 'my file (1) [a].txt'],
    ['a path of folders below', 'a/b/c.txt', 'c.txt'],
    ['a way up (pip #6413)', '../../x', 'x'],
    ['a way up with backslashes (CVE-2010-3842)', '..\\..\\x', 'x'],
    ['both slashes', '..\\../x\\y', 'y'],
    ['an absolute path', '/etc/passwd', 'passwd'],
    ['a share on Windows', '\\\\host\\share\\x', 'x'],
    ['a drive (CVE-2016-0754)', 'f:foo', 'f_foo'],
    ['a stream (CVE-2016-0754)', 'a.txt:ads', 'a.txt_ads'],
    ['every reserved character', 'a<b>c:d"e|f?g*h', 'a_b_c_d_e_f_g_h'],
    ['percent escapes, which are text by now (CVE-2026-13346)', '%2e%2e%2fx', '%2e%2e%2fx'],
    ['a leading dot (CVE-2010-2251)', '.bashrc', '_bashrc'],
    ['a leading dot of the shell (CVE-2019-10751)', '.bash_profile', '_bash_profile'],
    ['a leading dash, an option to the next command', '-rf', '_rf'],
    ['a run of leading dots and dashes', '..-x', '_x'],
    ['a dot behind a blank', ' .bashrc', '_bashrc'],
    ['a dot behind a blank of another script', '\u3000.bashrc', '_bashrc'],
    ['a dot behind a control character', '\u0001.bashrc', '_bashrc'],
    ['a dot behind a bidi control', '\u202e.bashrc', '_bashrc'],
    ['trailing dots and blanks', 'a.txt. . ', 'a.txt'],
    ['a trailing blank of another script', 'a.txt\u00a0', 'a.txt'],
    ['control characters', 'a\u0000b\u001b[2Jc\u007fd\u0085.txt', 'ab[2Jcd.txt'],
    ['a line break', 'a\r\nb', 'ab'],
    ['bidi controls that hide an extension', 'photo\u202egpj.exe', 'photogpj.exe'],
    ['bidi isolates and marks', '\u2066a\u2069\u200f\u061c.txt', 'a.txt'],
    ['half a character', 'a\ud800b.txt', 'a_b.txt'],
    ['a device (CVE-2025-27210)', 'CON', '_CON'],
    ['a device in small letters with an extension', 'nul.txt', '_nul.txt'],
    ['a device with two extensions', 'aux.tar.gz', '_aux.tar.gz'],
    ['a device with a number', 'com1', '_com1'],
    ['a device with a number in superscript', 'LPT².log', '_LPT².log'],
    ['a device behind trailing dots', 'prn...', '_prn'],
    ['a device before a blank', 'con .txt', '_con .txt'],
    ['a device of the console', 'CONIN$', '_CONIN$'],
    ['a name that only begins like a device', 'console.log', 'console.log'],
    ['a number without a device behind it', 'com10.txt', 'com10.txt'],
    ['Chinese', '文件.zip', '文件.zip'],
    ['emoji of several characters', '👩‍👩‍👧.png', '👩‍👩‍👧.png'],
    ['nothing', '', 'download'],
    ['dots', '..', 'download'],
    ['blanks', ' \t ', 'download'],
    ['control characters only', '\u0000\u0007', 'download'],
    ['a path that ends in a slash', 'a/b/', 'download']
  ])('makes a name of %s', (_, candidate, name) => {
    expect(safeFileName(candidate)).toBe(name)
  })

  it('gives both Unicode spellings of one name the same bytes', () => {
    expect(safeFileName('résumé.pdf'.normalize('NFD'))).toBe('résumé.pdf'.normalize('NFC'))
    expect(safeFileName(`${'é'.repeat(100).normalize('NFD')}.pdf`)).toBe(
      `${'é'.repeat(100).normalize('NFC')}.pdf`
    )
  })

  it('finds a reserved character that is hidden behind a mark, but not one that is part of a letter', () => {
    expect(safeFileName('a:\u0301b')).toBe('a_\u0301b')
    expect(safeFileName('a<\u0338b')).toBe('a\u226eb')
  })
})

describe('a name that is too long', () => {
  it.each([
    ['keeps its extension', `${'a'.repeat(300)}.txt`, `${'a'.repeat(227)}.txt`],
    ['keeps the two extensions of an archive', `${'a'.repeat(300)}.tar.gz`, `${'a'.repeat(224)}.tar.gz`],
    ['is just cut without one', 'a'.repeat(300), 'a'.repeat(231)],
    ['is just cut if the extension is none', `a.${'b'.repeat(300)}`, `a.${'b'.repeat(229)}`],
    ['is not cut inside a Chinese character', `${'文'.repeat(100)}.zip`, `${'文'.repeat(75)}.zip`],
    ['is not cut inside an emoji', `${'😀'.repeat(100)}.png`, `${'😀'.repeat(56)}.png`],
    ['does not end in a blank where it was cut', `${'a'.repeat(230)} b`, 'a'.repeat(230)],
    ['does not become a device where it was cut', `nul${' '.repeat(300)}x`, '_nul'],
    ['does not become empty where it was cut', `${' '.repeat(5000)}x`, 'x'],
    ['stays as it is at 231 bytes', `${'a'.repeat(227)}.txt`, `${'a'.repeat(227)}.txt`],
    ['counts a device mark', `con.${'x'.repeat(227)}`, `_con.${'x'.repeat(226)}`]
  ])('%s', (_, candidate, name) => {
    expect(safeFileName(candidate)).toBe(name)
  })
})

describe('every name', () => {
  const scraps = [
    '.',
    '-',
    ' ',
    '/',
    '\\',
    ':',
    '?',
    'con',
    'nul',
    '.txt',
    '\u0301',
    '\u00a0',
    '\u200b',
    '\u202e',
    '文',
    '😀',
    '\ud83d'
  ]
  const candidates = fc
    .array(fc.oneof(fc.constantFrom(...scraps), fc.string({unit: 'binary'})), {maxLength: 200})
    .map(pieces => pieces.join(''))

  it('can be created in a folder on every platform, with room for our suffixes', () => {
    fc.assert(
      fc.property(candidates, candidate => {
        const name = safeFileName(candidate)
        expect(bytes(name)).toBeGreaterThan(0)
        expect(bytes(name)).toBeLessThanOrEqual(231)
        expect(name).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}/\\<>:"|?*]/u)
        expect(name).not.toMatch(/^[.\-\s]|[.\s]$/)
        expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)\s*(\.|$)/i)
        expect(name.normalize('NFC')).toBe(name)
      })
    )
  })

  it('is already safe, so that cleaning it again changes nothing', () => {
    fc.assert(
      fc.property(candidates, candidate => {
        const name = safeFileName(candidate)
        expect(safeFileName(name)).toBe(name)
      })
    )
  })

  // Normalizing a megabyte of combining marks takes minutes; the limit only tells that from linear work.
  it('is found in linear time, even in a megabyte of junk', {timeout: 60_000}, () => {
    const started = performance.now()
    for (const scrap of [' ', '. ', '\u0301\u0316', '"', '\\', '/', '%41', '.tar', '; ', 'a=', '\u00e9']) {
      const junk = scrap.repeat(1_000_000 / scrap.length)
      safeFileName(`a${junk}b`)
      for (const header of [
        `attachment; filename="${junk}`,
        `attachment; filename="${junk}x"`,
        `attachment${junk}`,
        `x; filename*=UTF-8''${junk}`
      ]) {
        chooseFileName({contentDisposition: header, url: new URL(origin)})
      }
    }
    expect(performance.now() - started).toBeLessThan(30_000)
  })
})

describe('fileNameFromUrl', () => {
  it.each([
    ['/a/b/file.txt', 'file.txt'],
    ['/file.txt?x=/y#/z', 'file.txt'],
    ['/my%20file.txt', 'my file.txt'],
    ['/%E6%96%87.zip', '文.zip'],
    ['/文.zip', '文.zip'],
    ['/a+b.txt', 'a+b.txt'],
    ['/%FF%FE.bin', '%FF%FE.bin'],
    ['/100%.txt', '100%.txt'],
    ['/%252e%252e%252fx', '%2e%2e%2fx'],
    ['/a%2f..%2f..%2fetc%2fx', 'x'],
    ['/a%5c..%5cx', 'x'],
    ['/%2e%2e/x', 'x']
  ])('reads %j as %j', (path, name) => {
    expect(fileNameFromUrl(new URL(path, origin))).toBe(name)
  })

  it.each(['', '/', '/a/', '/a%2f', '/a/..', '/%2e%2e', '?file.txt', '#@evil.txt'])(
    'finds no name in %j',
    path => {
      expect(fileNameFromUrl(new URL(`${origin}${path}`))).toBeUndefined()
    }
  )
})

describe('fileNameFromContentDisposition', () => {
  it.each([
    ['a quoted name', 'attachment; filename="a b.txt"', 'a b.txt'],
    ['a bare name', 'attachment; filename=a.txt', 'a.txt'],
    ['a bare name with blanks', 'attachment; filename=a b.txt', 'a b.txt'],
    ['a name shown inline', 'inline; filename="a.txt"', 'a.txt'],
    ['capitals', 'ATTACHMENT; FILENAME="a.txt"', 'a.txt'],
    ['a semicolon at the end', 'attachment; filename="a.txt";', 'a.txt'],
    ['a semicolon in the name', 'attachment; filename="a;b.txt"', 'a;b.txt'],
    ['no type', 'filename="a.txt"', 'a.txt'],
    ['an extended name', "attachment; filename*=UTF-8''%e6%96%87.txt", '文.txt'],
    ['an extended name in Latin-1', "attachment; filename*=iso-8859-1''caf%E9.txt", 'café.txt'],
    ['an extended name in quotes', 'attachment; filename*="UTF-8\'\'%e6%96%87.txt"', '文.txt'],
    ['both names, extended first', "attachment; filename*=UTF-8''b.txt; filename=a.txt", 'b.txt'],
    ['both names, extended last', "attachment; filename=a.txt; filename*=UTF-8''b.txt", 'b.txt'],
    [
      'the plain name if the extended one is no UTF-8',
      "attachment; filename=a.txt; filename*=UTF-8''%ff.txt",
      'a.txt'
    ],
    ['raw UTF-8, which arrives as Latin-1', `attachment; filename="${asReceived('é文.txt')}"`, 'é文.txt'],
    ['raw Latin-1, which is no UTF-8', 'attachment; filename="caf\u00e9.txt"', 'café.txt'],
    ['text that has been decoded before', 'attachment; filename="中é.txt"', '中é.txt'],
    [
      'text that has been decoded before and looks like ASCII in its low bytes',
      'attachment; filename=中.txt',
      '中.txt'
    ],
    ['percent escapes in a plain name as they are', 'attachment; filename="a%2fb"', 'a%2fb'],
    ['the first of two equal names', 'attachment; filename=a; filename=b', 'a']
  ])('reads %s', (_, value, name) => {
    expect(fileNameFromContentDisposition(value)).toBe(name)
  })

  it.each([
    '',
    'attachment',
    'attachment;',
    'attachment; filename',
    'attachment; filename=',
    'attachment; filename=""',
    'attachment; filename="open',
    'attachment; name="a"',
    "attachment; filename*=UTF-8''%ff"
  ])('finds no name in %j', value => {
    expect(fileNameFromContentDisposition(value)).toBeUndefined()
  })

  it('never throws', () => {
    const scraps = [
      'attachment',
      'filename',
      'filename*',
      '=',
      ';',
      '"',
      '\\',
      "UTF-8''",
      '%',
      '%ff',
      '\u00c3\u00a9'
    ]
    const values = fc
      .array(fc.oneof(fc.constantFrom(...scraps), fc.string({unit: 'binary'})))
      .map(pieces => pieces.join(''))
    fc.assert(
      fc.property(values, value => {
        fileNameFromContentDisposition(value)
      })
    )
  })
})

describe('chooseFileName', () => {
  it.each([
    ['the header before the URL', 'attachment; filename=a.txt', '/b.txt', 'a.txt'],
    ['the URL without a header', undefined, '/b.txt', 'b.txt'],
    ['the URL if the header has no name', 'inline', '/b.txt', 'b.txt'],
    [
      'the URL if nothing of the name in the header is safe',
      'attachment; filename="../.."',
      '/b.txt',
      'b.txt'
    ],
    ['"download" without either', undefined, '/', 'download'],
    ['"download" if nothing of either is safe', 'attachment; filename=".."', '/%20', 'download'],
    ['a way up from the header, cleaned', 'attachment; filename="../../x"', '/', 'x'],
    ['an escaped way up from the header, cleaned', 'attachment; filename="..\\\\..\\\\x"', '/', 'x'],
    ['a way up from an extended name, cleaned', "attachment; filename*=UTF-8''..%2f..%2fetc%2fx", '/', 'x'],
    [
      'a way up from an extended name with backslashes, cleaned',
      "attachment; filename*=UTF-8''..%5c..%5cx",
      '/',
      'x'
    ],
    ['a start file of the shell, renamed', 'attachment; filename=.bashrc', '/', '_bashrc'],
    ['a device from the header, renamed', 'attachment; filename=CON', '/', '_CON'],
    ['a hidden name from the URL, renamed', undefined, '/.wgetrc', '_wgetrc'],
    ['a name that is escaped twice, decoded once', undefined, '/%252e%252e%252fx', '%2e%2e%2fx'],
    ['a way up from the URL, cleaned (CVE-2025-11563)', undefined, '/a%2f..%2f..%2fetc%2fx', 'x']
  ])('takes %s', (_, contentDisposition, path, name) => {
    expect(chooseFileName({contentDisposition, url: new URL(path, origin)})).toBe(name)
  })
})

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
