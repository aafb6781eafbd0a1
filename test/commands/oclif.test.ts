import {readFileSync} from 'node:fs'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {runCommand} from '@oclif/test'
import {describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {startOrigin} from '../origin/origin.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

describe('the commands as oclif loads them', () => {
  it('have a help page: what they do, examples, and flags by groups', async () => {
    const {stdout, error} = await runCommand(['get', '--help'], {root})
    expect(error?.oclif?.exit ?? 0).toBe(0)
    expect(stdout).toContain('Download files, or print one')
    expect(stdout).toMatch(/^USAGE\n {2}\$ ferry get URL\.\.\. \[FLAGS\]$/m)
    for (const heading of ['ARGUMENTS', 'TARGET FLAGS', 'CHECK FLAGS', 'EXAMPLES'])
      expect(stdout).toContain(heading)
    expect(stdout).toMatch(/-o, --output=FILE/)
    expect(stdout).toMatch(/--sha256=HEX/)
    expect(stdout).not.toContain('--remote-name ')
  })

  it('run: the words are read, and a mistake in them is told', async () => {
    const {stdout, stderr} = await runCommand(['get', '--no-such-flag'], {root})
    expect(process.exitCode).toBe(2)
    process.exitCode = 0
    expect(stdout).toBe('')
    expect(stderr).toContain('--no-such-flag')
  })

  it('fetch a file, and oclif has nothing to warn about', async () => {
    await using origin = await startOrigin()
    origin.serve('/F', {body: 'content', contentType: 'text/plain'})
    const warnings: string[] = []
    const listen = ({message}: Error): void => void warnings.push(message)
    process.on('warning', listen)
    await runCommand(['get', '--ephemeral', '-s', '-o', '/dev/null', origin.url('/F')], {root})
    await nextTurn()
    process.off('warning', listen)
    expect(process.exitCode ?? 0).toBe(0)
    expect(origin.requests).toHaveLength(1)
    expect(warnings.filter(message => message.includes('Command'))).toEqual([])
  })
})

describe('the program without a command', () => {
  it.each([[['--help']], [['help']], [[]]])('lists the commands with %j', async args => {
    const {code, stdout} = await runFerry(args)
    expect(code).toBe(0)
    for (const command of ['get', 'pause', 'resume', 'cancel', 'tasks', 'wait']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} +[A-Z]`, 'm'))
    }
  })

  it.each(['--version', '-V'])('tells its version with %s', async flag => {
    const {code, stdout} = await runFerry([flag])
    expect(code).toBe(0)
    expect(stdout).toContain(`ferry/${manifest.version}`)
  })

  it('shows the help of a command in three ways', async () => {
    const pages = await Promise.all(
      [
        ['help', 'pause'],
        ['pause', '--help'],
        ['pause', '-h']
      ].map(args => runFerry(args))
    )
    expect(pages.map(({code}) => code)).toEqual([0, 0, 0])
    expect(new Set(pages.map(({stdout}) => stdout)).size).toBe(1)
    expect(pages[0]?.stdout).toContain('--discard')
  })

  it('takes an address for get', async () => {
    await using origin = await startOrigin()
    origin.serve('/F', {body: 'content'})
    expect(await runFerry([origin.url('/F'), '-o', '-'])).toMatchObject({code: 0, stdout: 'content'})
    expect(await runFerry(['-o', '-', origin.url('/F')])).toMatchObject({code: 0, stdout: 'content'})
  })

  it('does not take a misspelt command for the name of a host: 2, and the right one', async () => {
    const run = await runFerry(['puase', 'm1'])
    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(run.stderr).toContain('ferry pause')
    expect(await runFerry(['frobnicate'])).toMatchObject({code: 2, stdout: ''})
  })
})
