import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {printable} from '../../src/ui/printable.ts'

describe('printable', () => {
  it.each([
    ['plain text', 'Not Found', 'Not Found'],
    ['text of all scripts', 'é文😀👩‍👧 שלום', 'é文😀👩‍👧 שלום'],
    ['an escape sequence that clears the screen', '\u001b[2J', '^[[2J'],
    ['an escape sequence that sets the title', '\u001b]0;owned\u0007', '^[]0;owned\\x07'],
    ['a colour', '\u001b[31mred', '^[[31mred'],
    ['line breaks and tabs', 'a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['a null', 'a\u0000b', 'a\\x00b'],
    ['delete', '\u007f', '\\x7f'],
    ['an escape sequence in one character', '\u009b2J', '\\x9b2J'],
    ['a bidi override', 'photo\u202egpj.exe', 'photo\\u{202e}gpj.exe'],
    ['bidi isolates', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['bidi marks', '\u200e\u200f\u061c', '\\u{200e}\\u{200f}\\u{61c}'],
    ['line and paragraph separators', '\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['half a character', 'a\ud800b', 'a\\u{d800}b']
  ])('shows %s', (_, text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('leaves nothing that drives a terminal, whatever comes in', () => {
    const texts = fc.string({
      unit: fc.nat({max: 0x10ffff}).map(code => String.fromCodePoint(code % 3 ? code % 0x300 : code))
    })
    fc.assert(
      fc.property(texts, text => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
      })
    )
  })

  it('changes nothing in what it has made', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), text => {
        expect(printable(printable(text))).toBe(printable(text))
      })
    )
  })
})
