import {existsSync, readdirSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Run} from '../cli-run/ferry.ts'
import {runFerry} from '../cli-run/ferry.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', {body: 'content'})
})
afterAll(() => origin.close())

// There no folder can be made, and the system says that it is not there, not that it may not be.
const barren = ['/proc/nope', '/dev/fd/nope'].filter(() => process.platform === 'linux')

describe.each(barren)('FERRY_HOME=%s', home => {
  const run = (cwd: string, ...words: readonly string[]): Promise<Run> =>
    runFerry(words, {cwd, env: {FERRY_HOME: home}})

  it('keeps nobody from a transfer, which needs nothing of it', async () => {
    const cwd = scratchFolder()
    expect(await run(cwd, 'get', '-q', origin.url('/F'))).toMatchObject({code: 0})
    expect(readdirSync(cwd)).toEqual(['F'])
    expect(existsSync(home)).toBe(false)
  })

  it('is empty for those who only look', async () => {
    expect(await run(scratchFolder(), 'tasks')).toMatchObject({code: 0})
    expect(await run(scratchFolder(), 'doctor')).toMatchObject({code: 0})
  })

  it('ends with 23 and its name where something has to be kept there', async () => {
    const made = await run(scratchFolder(), 'sessions', 'create', 'work')
    expect(made).toMatchObject({code: 23})
    expect(explanation(made).why).toContain(home)
    const left = await run(scratchFolder(), 'get', '--background', origin.url('/F'))
    expect(left).toMatchObject({code: 23})
    expect(explanation(left).why).toContain(home)
    expect(explanation(left).next).toContain('FERRY_HOME')
  })

  it('is not made as the folder of a download either', async () => {
    const tried = await run(scratchFolder(), 'get', '-q', '-P', home, '--create-dirs', origin.url('/F'))
    expect(tried).toMatchObject({code: 23})
    expect(tried.stderr).toContain(home)
  })
})
