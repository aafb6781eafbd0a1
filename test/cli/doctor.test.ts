import {chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {runOnTerminal} from '../cli-run/terminal.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {diagnose} from './diagnosis.ts'
import {filesIn} from './files-in.ts'
import {canary} from '../canary/canary.ts'

const proxySecret = canary('proxy')
const tokenSecret = canary('token')

let origin: Origin
let home: string
let cwd: string
beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())
beforeEach(() => {
  home = scratchFolder()
  cwd = scratchFolder()
})

const here = (env: Readonly<Record<string, string>> = {}) => ({cwd, env: {FERRY_HOME: home, ...env}})

const withoutCompiled = (folder: string): string[] =>
  filesIn(folder)
    .map(({path}) => path)
    .filter(path => !path.includes('compiled'))

function makeSession(configuration: Readonly<Record<string, unknown>>): void {
  const work = {kind: 'default', revision: 3, description: 'the artifacts', configuration}
  mkdirSync(join(home, 'config'), {recursive: true, mode: 0o700})
  const text = JSON.stringify({version: 1, sessions: {work}})
  writeFileSync(join(home, 'config', 'sessions.json'), text, {mode: 0o600})
}

describe('doctor', () => {
  it('sends nothing and leaves nothing behind', async () => {
    const before = origin.connections
    expect(await diagnose([origin.url('/F'), '-o', 'F'], here())).toMatchObject({code: 0})
    expect(await diagnose([], here())).toMatchObject({code: 0})
    expect(origin.connections).toBe(before)
    expect(withoutCompiled(home)).toEqual([])
    expect(readdirSync(cwd)).toEqual([])
  })

  it('tells versions and folders, and warns of a folder that others can enter', async () => {
    mkdirSync(join(home, 'state'), {mode: 0o755})
    chmodSync(join(home, 'state'), 0o755)
    const {code, about, findings} = await diagnose([], here())
    expect(code).toBe(0)
    expect(about('ferry')[0]).toContain(`Node ${process.versions.node}`)
    expect(about('folders', 'warning')).toEqual([`The folder ${join(home, 'state')} is open to other users`])
    expect(findings.find(({level}) => level === 'warning')?.hint).toContain('chmod 700')
    expect(about('folders', 'ok')).toHaveLength(2)
  })

  it('names the variables that change something, without what is secret in them', async () => {
    const env = {HTTPS_PROXY: `http://joe:${proxySecret}@127.0.0.1:3128`, NODE_TLS_REJECT_UNAUTHORIZED: '0'}
    const {about, text} = await diagnose([], here(env))
    expect(about('environment', 'note')).toContainEqual(expect.stringMatching(/^HTTPS_PROXY=.*@127\.0\.0\.1/))
    expect(about('environment', 'warning')).toEqual([expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED')])
    expect(text).not.toContain('canary-')
  })

  it('takes the words of a get, and fails for wrong ones as get does', async () => {
    const words = ['-o', 'a', '-o', 'b', origin.url('/F')]
    const {code, about} = await diagnose(words, here())
    expect(code).toBe((await runFerry(['get', ...words], here())).code)
    expect(about('command', 'problem')).toHaveLength(1)
    expect((await runFerry(['doctor', '--nonsense'], here())).code).toBe(2)
  })
})

describe('doctor on a session', () => {
  it('that nobody made ends with 116, as the transfer would', async () => {
    makeSession({})
    const {code, findings} = await diagnose(['--session', 'wrok', origin.url('/F')], here())
    expect(code).toBe(116)
    expect(findings.find(({level}) => level === 'problem')).toMatchObject({
      topic: 'session',
      hint: expect.stringContaining('work')
    })
  })

  it('tells in what it differs: references as they are, never what they refer to', async () => {
    const values = {'timeouts.idle': 7, 'credentials.bearer': 'env:CANARY_TOKEN'}
    makeSession(values)
    const {code, about, text} = await diagnose(
      ['--session', 'work', '--max-redirs', '3'],
      here({CANARY_TOKEN: tokenSecret})
    )
    expect(code).toBe(0)
    expect(about('session', 'ok')[0]).toMatch(/^work \(your own, revision 3\)/)
    expect(about('session', 'note')).toEqual([
      'timeouts.idle = 7',
      'credentials.bearer = env:CANARY_TOKEN (set)',
      'changed by flags or the environment: redirects.max'
    ])
    expect(text).not.toContain('canary-token')
  })

  it('whose secret is not there ends as the transfer would', async () => {
    makeSession({'credentials.bearer': 'env:CANARY_TOKEN'})
    const words = ['--session', 'work', origin.url('/F')]
    const {code, about} = await diagnose(words, here())
    expect(code).toBe((await runFerry(['get', ...words], here())).code)
    expect(code).not.toBe(0)
    expect(about('session', 'note')).toContain('credentials.bearer = env:CANARY_TOKEN (not set)')
  })
})

describe('the report for a person', () => {
  it('is quiet on -q unless something is wrong, and silent on -s; the exit code stays', async () => {
    const words = ['--session', 'nobody', origin.url('/F')]
    const quiet = await runFerry(['doctor', '-q', ...words], here())
    expect(quiet.code).toBe(116)
    expect(quiet.stdout).toMatch(/^Session\n  problem  There is no session "nobody"\n           Next: /)
    expect(await runFerry(['doctor', '-s', ...words], here())).toMatchObject({
      code: 116,
      stdout: '',
      stderr: ''
    })
    expect(await runFerry(['doctor', '-q'], here())).toMatchObject({code: 0, stdout: ''})
  })

  it('is colourful on a terminal, not with NO_COLOR, and never in a pipe', async () => {
    const escape = '\u001B['
    const env = {FERRY_HOME: home}
    expect((await runOnTerminal(['doctor'], {env})).screen).toContain(escape)
    expect((await runOnTerminal(['doctor'], {env: {...env, NO_COLOR: '1'}})).screen).not.toContain(escape)
    expect((await runFerry(['doctor'], here())).stdout).not.toContain(escape)
  })

  it.each([80, 120])('breaks its lines between words on a terminal of %i columns', async columns => {
    const env = {FERRY_HOME: home, NO_COLOR: '1'}
    const name = 'a name of many words '.repeat(8)
    const {screen} = await runOnTerminal(['doctor', '-o', name, 'https://a.example/F'], {env, cwd, columns})
    const lines = screen.split(/\r?\n/)
    // A path is not cut: such a line holds one word beside the level.
    const tooLong = lines.filter(line => line.length > columns && line.trim().split(/\s+/).length > 2)
    expect(tooLong).toEqual([])
    expect(lines.some(line => line.startsWith('           '))).toBe(true)
    expect(screen).toContain('Nothing was sent.')
  })

  it('escapes what could change the screen', async () => {
    const {stdout} = await runFerry(['doctor', '-o', 'a\u001B[2Jb', 'http://a.example/'], here())
    expect(stdout).toContain('^[[2J')
    expect(stdout).not.toContain('\u001B')
  })
})

describe('doctor on stores', () => {
  it('warns of a store that is open to others or damaged, leaves it as it is, and ends with 0', async () => {
    const store = join(home, 'state', 'stores.sqlite')
    mkdirSync(join(home, 'state'), {mode: 0o700})
    writeFileSync(store, 'no database at all, but long enough to be looked at as one', {mode: 0o600})
    const damaged = await diagnose([origin.url('/F')], here())
    expect(damaged.code).toBe(0)
    expect(damaged.about('stores', 'warning')).toEqual([`The store ${store} is damaged`])
    expect(readFileSync(store, 'utf8')).toMatch(/^no database/)
    chmodSync(store, 0o644)
    const open = await diagnose([origin.url('/F')], here())
    expect(open.about('stores', 'warning')).toEqual([`The store ${store} is open to other users`])
    expect(statSync(store).mode & 0o777).toBe(0o644)
  })
})
