import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {SessionConfiguration} from '../../src/engine/index.ts'
import {root} from './sources.ts'

const page = readFileSync(join(root, 'docs/library.md'), 'utf8')
const groups = Object.entries(SessionConfiguration.default().keys).map(
  ([group, value]): [string, string[]] => [group, typeof value === 'object' ? Object.keys(value) : []]
)

/** The first cells of tables. */
const cells = [...page.matchAll(/^\| (`[^|]*`) *\|/gm)].map(([, cell = '']) => cell)

function members(file: string): readonly string[] {
  const text = readFileSync(join(root, 'src/engine', file), 'utf8')
  const body = text.slice(text.lastIndexOf('export interface'))
  return [...body.matchAll(/^ {2}(?:readonly )?([a-z]\w+)\??[(:]/gim)].map(([, name = '']) => name)
}

describe('docs/library.md', () => {
  it.each(groups)('tells of every key of a configuration: %s', (group, keys) => {
    const told = cells.filter(cell => cell.includes(`\`${group}`)).join(' ')
    expect(told).not.toBe('')
    for (const key of keys) expect(told).toMatch(new RegExp(`\\.${key}\``))
  })

  it.each([
    ['session-delegate.ts', 20],
    ['session-environment.ts', 4]
  ])('tells of everything that can be given to a session in %s', (file, count) => {
    const names = members(file)
    expect(names.length).toBeGreaterThanOrEqual(count)
    for (const name of names)
      expect(
        cells.some(cell => cell.includes(`\`${name}`)),
        name
      ).toBe(true)
  })

  it('tells of every method of a session', () => {
    const text = readFileSync(join(root, 'src/engine/session.ts'), 'utf8')
    const methods = [...text.matchAll(/(@internal)?[^@]*?\n {2}(?:async )?([a-z]\w+)\(.*\{$/gm)]
    const names = methods.filter(([, internal]) => internal === undefined).map(([, , name = '']) => name)
    expect(names).toContain('finishTasksAndInvalidate')
    for (const name of names.filter(each => each !== 'constructor')) expect(page).toContain(`\`${name}(`)
  })
})
