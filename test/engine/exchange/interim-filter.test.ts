import fc from 'fast-check'
import {expect, it} from 'vitest'
import {InterimFilter} from '../../../src/engine/exchange/interim-filter.ts'

const heads = fc.constantFrom(
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 100\r\nA: b\r\nC: \r\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n',
  'HTTP/1.1 104 Upload Resumption Supported\r\nUpload-Offset: 100\r\n\r\n'
)
const ends = fc.constantFrom(
  'HTTP/1.1 200 OK\r\nA: b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n is a body',
  'HTTP/1.1 404 Not Found\r\n\r\n',
  'HTTP/1.0 200 OK\r\n\r\n',
  'HTTP/1.1 20',
  'HTTX/1.1 100 Continue\r\n\r\n',
  'junk'
)

it('takes out what is 100 (Continue) and nothing else, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(heads, {maxLength: 5}),
      ends,
      fc.infiniteStream(fc.integer({min: 1, max: 40})),
      (...all) => {
        const [interim, end, cuts] = all
        let continues = 0
        const filter = new InterimFilter(() => (continues += 1))
        filter.begin()
        const bytes = Buffer.from(interim.join('') + end, 'latin1')
        const passed: Buffer[] = []
        for (let position = 0; position < bytes.length;) {
          const next = position + (cuts.next().value ?? 1)
          passed.push(filter.pass(bytes.subarray(position, next)))
          position = next
        }
        const kept = interim.filter(head => !head.startsWith('HTTP/1.1 100'))
        expect(Buffer.concat(passed).toString('latin1')).toBe(kept.join('') + end)
        expect(continues).toBe(interim.length - kept.length)
      }
    ),
    {numRuns: 500}
  )
})

it('gives back the very view where there is nothing to take out', () => {
  const filter = new InterimFilter(() => {})
  filter.begin()
  const view = Buffer.from('HTTP/1.1 200 OK\r\n\r\n')
  expect(filter.pass(view)).toBe(view)
  expect(filter.pass(view)).toBe(view)
})

it('takes no longer for an answer behind tens of thousands of others than for one', () => {
  const filter = new InterimFilter(() => {})
  filter.begin()
  const flood = Buffer.from('HTTP/1.1 104 U\r\nUpload-Offset: 0\r\n\r\n'.repeat(100_000))
  const before = performance.now()
  expect(filter.pass(flood).equals(flood)).toBe(true)
  expect(performance.now() - before).toBeLessThan(2000)
})
