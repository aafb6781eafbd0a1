import {mkdirSync, readFileSync, readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {serveHeld, whole} from './crossing.ts'
import {filesIn} from './files-in.ts'
import {documentOf, explanation} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', {body: whole, entityTag: '"v1"'})
  origin.serve('/cut', {body: whole, entityTag: '"v1"', fault: {cutAfter: 100_000}})
})
afterAll(() => origin.close())

// Node keeps what it compiled; that is no state of ours.
const state = (folder: string): string[] =>
  filesIn(folder)
    .map(({path}) => path)
    .filter(path => !path.includes('compiled'))

describe('--ephemeral', () => {
  it('leaves nothing but the output', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const env = {FERRY_HOME: home}
    expect(await runFerry(['get', '--ephemeral', origin.url('/F')], {cwd, env})).toMatchObject({code: 0})
    expect(readdirSync(cwd)).toEqual(['F'])
    expect(state(home)).toEqual([])
  })

  it.each([
    ['fails', '/cut', undefined, 18],
    ['is stopped', '/held', 'SIGINT', 130]
  ] as const)('leaves nothing at all when it %s', async (_what, path, signal, code) => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const options = {cwd, env: {FERRY_HOME: home}}
    serveHeld(origin, '/held')
    const before = origin.requestsOf(path).length
    const ferry = startFerry(['get', '--ephemeral', '--retry', '0', origin.url(path)], options)
    await origin.untilRequests(before + 1, path)
    if (signal) ferry.kill(signal)
    expect(await ferry.done).toMatchObject({code})
    expect(readdirSync(cwd)).toEqual([])
    expect(state(home)).toEqual([])
  })

  it('writes resume data where --resume-data says, and it can be continued from there', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const options = {cwd, env: {FERRY_HOME: home}}
    origin.serve('/once', {body: whole, entityTag: '"v1"', faults: [{cutAfter: 100_000}]})
    const flags = ['--ephemeral', '--resume-data', 'mine.ferry', '--retry', '0']
    expect(await runFerry(['get', ...flags, origin.url('/once')], options)).toMatchObject({code: 18})
    expect(readdirSync(cwd).toSorted()).toEqual(['mine.ferry', 'once.part'])
    const run = await runFerry(['resume', '--json', 'mine.ferry'], options)
    expect(documentOf(run)).toMatchObject({ok: true, tasks: [{resumedFrom: 100_000}]})
    expect(readFileSync(join(cwd, 'once')).equals(whole)).toBe(true)
    expect(readdirSync(cwd)).toEqual(['once'])
  })

  it('runs in the session called ephemeral', async () => {
    const run = await runFerry(['get', '--json', '--session', 'ephemeral', origin.url('/F')])
    expect(documentOf(run)).toMatchObject({tasks: [{session: 'ephemeral'}]})
  })
})

describe('the folders of ferry', () => {
  it('are all under FERRY_HOME, for this user alone', async () => {
    const [cwd, home, ferryHome] = [scratchFolder(), scratchFolder(), join(scratchFolder(), 'ferry')]
    const env = {HOME: home, FERRY_HOME: ferryHome}
    expect(await runFerry(['get', '--retry', '0', origin.url('/cut')], {cwd, env})).toMatchObject({code: 18})
    expect(readdirSync(home)).toEqual([])
    const files = filesIn(ferryHome).filter(({path}) => path.startsWith('state'))
    expect(files.length).toBeGreaterThan(0)
    for (const {path} of files) expect(statSync(join(ferryHome, path)).mode & 0o077).toBe(0)
    expect(statSync(join(ferryHome, 'state')).mode & 0o077).toBe(0)
  })

  it('are where XDG says without it', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const env = {
      HOME: home,
      FERRY_HOME: undefined,
      XDG_STATE_HOME: join(home, 's'),
      XDG_CACHE_HOME: join(home, 'c'),
      XDG_RUNTIME_DIR: join(home, 'r')
    }
    expect(await runFerry(['get', '--retry', '0', origin.url('/cut')], {cwd, env})).toMatchObject({code: 18})
    expect(readdirSync(home)).toContain('s')
    expect(readdirSync(join(home, 's'))).toEqual(['ferry'])
    expect(readdirSync(home)).not.toContain('.local')
  })

  it('are not needed: without HOME a file is fetched all the same', async () => {
    const cwd = scratchFolder()
    const env = {HOME: undefined, FERRY_HOME: undefined, TMPDIR: scratchFolder()}
    const run = await runFerry(['get', origin.url('/F')], {cwd, env})
    expect(run, run.stderr).toMatchObject({code: 0, stdout: `${join(cwd, 'F')}\n`})
  })

  it('are refused where other users could have put something in: 113, with the remedy', async () => {
    const home = scratchFolder()
    mkdirSync(join(home, 'state', 'tasks'), {recursive: true, mode: 0o777})
    mkdirSync(join(home, 'run'), {mode: 0o755})
    const run = await runFerry(['tasks'], {env: {FERRY_HOME: home}})
    expect(run, run.stderr).toMatchObject({code: 113, stdout: ''})
    expect(explanation(run).next).toContain('chmod 700')
  })
})
