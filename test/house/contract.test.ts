import {execFile} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {describe, expect, it} from 'vitest'
import {adviceFor} from '../../src/cli/advice.ts'
import {exitCodes} from '../../src/cli/exit-codes.ts'
import {commandIds} from '../../src/cli/first-word.ts'
import {unavailableFlags} from '../../src/cli/unavailable-flags.ts'
import {declarations} from '../../src/commands/index.ts'
import {transferErrorCodes} from '../../src/engine/index.ts'
import {root} from './sources.ts'

const flagsPage = readFileSync(join(root, 'docs/flags.md'), 'utf8')
const flags = declarations.flatMap(({id, flags: table}) =>
  Object.entries(table).map(([name, declaration]) => ({id, name, declaration}))
)

describe('Every error code', () => {
  it.each(transferErrorCodes)('has an exit code and advice: %s', code => {
    expect(exitCodes[code]).toBeGreaterThan(0)
    expect(adviceFor(code)).toMatch(/^(?:[A-Z]|ferry ).{15,}/)
  })

  it('has an exit code that leaves those of shells, of timeout and of signals alone', () => {
    for (const code of Object.values(exitCodes)) expect([124, 125, 126, 127, 128]).not.toContain(code)
  })
})

describe('Every flag', () => {
  it.each(flags)('of $id is documented in docs/flags.md: --$name', ({name, declaration}) => {
    const {char, placeholder} = declaration
    const spelt = `\`${char === undefined ? '' : `-${char}, `}--${name}${placeholder === undefined ? '' : ` ${placeholder}`}\``
    expect(flagsPage).toContain(spelt.replaceAll('|', String.raw`\|`))
  })

  it.each(flags)('of $id is told in a whole sentence: --$name', ({declaration}) => {
    expect(declaration.summary).toMatch(/^[A-Z0-9].*[.)]$/)
  })

  it('has a short form of its own within a command', () => {
    for (const {flags: table} of declarations) {
      const chars = Object.values(table).flatMap(({char}) => char ?? [])
      expect(new Set(chars).size).toBe(chars.length)
    }
  })

  it('that is not there yet is neither declared nor left out of the page', () => {
    const declared = new Set(
      flags.flatMap(({name, declaration}) => [`--${name}`, `-${declaration.char ?? ''}`])
    )
    for (const flag of unavailableFlags) {
      expect(declared).not.toContain(flag)
      expect(flagsPage).toContain(`\`${flag}\``)
    }
  })
})

describe('oclif.manifest.json', () => {
  it('says what the built commands say', async () => {
    const script = join(root, 'scripts/manifest.mjs')
    await expect(promisify(execFile)(process.execPath, [script, '--check'])).resolves.toMatchObject({
      stderr: ''
    })
  })
})

describe('Every command', () => {
  it('that oclif knows starts by its name without oclif, and no other does', () => {
    expect(declarations.map(({id}) => id).toSorted()).toEqual([...commandIds].toSorted())
  })

  // oclif does not wrap the first line of a page.
  it.each(declarations)('says in one line of a terminal what it is for: $id', ({summary}) => {
    expect(summary.length).toBeLessThanOrEqual(80)
  })
})
