import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {chooseFileName, safeFileName} from '../../../src/engine/download/file-name.ts'

const origin = 'http://127.0.0.1'
const bytes = (name: string) => Buffer.byteLength(name)

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
