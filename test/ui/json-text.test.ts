import fc from 'fast-check'
import {expect, it} from 'vitest'
import {jsonText} from '../../src/ui/json-text.ts'

it('JSON for a terminal holds nothing that moves it, and says the same as any other', () => {
  const dangerous = fc.constantFrom(
    '\u001B[2J',
    '\u007F',
    '\u009B31m',
    '\u202E',
    '\u2066',
    '\u2028',
    'é',
    '😀'
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(dangerous, fc.string({unit: 'binary'})), {maxLength: 8}), parts => {
      const value = {[parts.join('')]: parts}
      const text = jsonText(value, 2)
      expect(text).not.toMatch(/[\0-\x09\x0B-\x1F\x7F-\x9F\u2028-\u202E\u2066-\u2069]/)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
    })
  )
})
