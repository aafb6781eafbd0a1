import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {markedTests, marksIn} from '../conformance/marks.ts'
import {conformancePage, stateOf, tables} from '../conformance/page.ts'

const tests = markedTests()
const rows = tables.flatMap(table => table.rows)

describe('The rows that ferry promises', () => {
  it('are listed with the tests that prove them, as the tests are now', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8')
    expect(page, 'run npm run conformance').toBe(conformancePage(tests))
  })

  it('are all proved, or have a reason why they cannot be', () => {
    expect(rows.filter(row => stateOf(row, tests) === 'open').map(({name}) => name)).toEqual([])
  })

  it('are the only ones that a test can name', () => {
    const known = new Set(rows.map(({name}) => name))
    const unknown = tests.flatMap(({path, rows: named}) =>
      named.filter(name => !known.has(name)).map(name => `${path}: ${name}`)
    )
    expect(unknown).toEqual([])
  })

  it('are read from the ends of titles, numbers alone belonging to the family before them', () => {
    const text =
      'it(\'does this [R1, 3A 66, 68]\', ...)\nit("not [here] at all")\nit(`and %s [CVE 7, fault 3]`)'
    expect(marksIn('a.test.ts', text).map(({rows: named}) => named)).toEqual([
      ['R1', '3A 66', '3A 68'],
      ['CVE 7']
    ])
  })
})
