import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import {runOnTerminal} from '../cli-run/terminal.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

const longName = `a-name-${'that-goes-on-and-on-'.repeat(5)}.tar.gz`
let origin: Origin
let home: string
let cwd: string

/** Stops a get of these once half of each has come. */
async function interrupted(names: readonly string[]): Promise<string> {
  const urls = names.map(name => {
    const fault = {holdAfter: {bytes: 100_000, until: new Promise(() => {})}}
    origin.serve(`/${name}`, {body: 'x'.repeat(200_000), entityTag: '"1"', faults: [fault]})
    return origin.url(`/${name}`)
  })
  const ferry = startFerry(['get', '--events', ...urls], {env: {FERRY_HOME: home}, cwd})
  await ferry.untilStdout(new RegExp(`(?:"total":100000[^]*){${names.length}}`))
  ferry.kill('SIGINT')
  const {code, stderr} = await ferry.done
  expect(code).toBe(130)
  return stderr
}

async function idOf(name: string): Promise<string> {
  const {stdout} = await runFerry(['tasks', '--json', '--all'], {env: {FERRY_HOME: home}})
  const {tasks} = JSON.parse(stdout) as {tasks: {id: string; path: string}[]}
  return tasks.find(({path}) => path.endsWith(`/${name}`))?.id ?? 'none'
}

beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())

describe('tasks that were interrupted', () => {
  it('fit the terminal by their names, never by what to do next', async () => {
    home = scratchFolder()
    cwd = join(home, 'downloads')
    mkdirSync(cwd)
    await interrupted([longName])
    const {screen} = await runOnTerminal(['tasks'], {env: {FERRY_HOME: home}, columns: 80})
    const lines = screen.split('\r\n').filter(line => line !== '')
    expect(lines).toHaveLength(2)
    expect(lines.every(line => line.length <= 80)).toBe(true)
    expect(lines[1]).toMatch(/a-name\S*…\S*\.tar\.gz +ferry resume$/)
    const {stdout} = await runFerry(['tasks'], {env: {FERRY_HOME: home}})
    expect(stdout).toContain(longName)
  })

  it('cannot be paused again, but the answer says how they go on', async () => {
    home = scratchFolder()
    cwd = join(home, 'downloads')
    mkdirSync(cwd)
    await interrupted(['F'])
    const id = await idOf('F')
    const {code, stderr} = await runFerry(['pause', id], {env: {FERRY_HOME: home}})
    expect(code).toBe(111)
    expect(stderr).toContain(`Next: Continue it with: ferry resume ${id}\n`)
    expect(await runFerry(['cancel', id], {env: {FERRY_HOME: home}})).toMatchObject({code: 0})
    const again = await runFerry(['cancel', id], {env: {FERRY_HOME: home}})
    expect(again).toMatchObject({code: 0, stderr: expect.stringContaining('cancelled') as string})
  })

  it('come with advice for the rest when they were several', async () => {
    home = scratchFolder()
    cwd = join(home, 'downloads')
    mkdirSync(cwd)
    expect(await interrupted(['one', 'two'])).toMatch(/^Next: .*--if-exists skip/m)
    expect(await interrupted(['three'])).not.toContain('--if-exists')
  })
})
