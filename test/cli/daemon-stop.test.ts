import {existsSync} from 'node:fs'
import {beforeEach, describe, expect, it} from 'vitest'
import {isAlive, until} from '../cli-run/daemon.ts'
import {backgroundCrossing} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'

let crossing: BackgroundCrossing

beforeEach(async () => {
  crossing = await backgroundCrossing()
  const url = crossing.origin.url('/F')
  await crossing.submit(['get', '--background', '--start-at', '1h', '-o', 'F', url])
})

async function told(...words: readonly string[]): Promise<string> {
  const {code, stderr} = await crossing.run(['daemon', 'stop', ...words])
  expect(code, stderr).toBe(0)
  return stderr
}

describe('ferry daemon stop', () => {
  it('ends with --cancel also the tasks of a service that was stopped before, and then has nothing to do', async () => {
    expect(await told()).toContain('1 task will go on')
    expect(await told()).toContain('nothing to stop')
    expect(await told('--cancel')).toContain('1 task cancelled')
    expect(await crossing.daemon.status()).toMatchObject({running: false, stopped: false})
    expect(await told('--cancel')).toContain('nothing to stop')
  })

  it('keeps a service that was killed from coming back with the next command', async () => {
    const {pid} = await crossing.daemon.status()
    process.kill(pid ?? 0, 'SIGKILL')
    await until(() => !isAlive(pid ?? 0))
    expect(await told()).toContain('1 task will go on')
    expect(existsSync(crossing.path('state/background/stopped'))).toBe(true)
    expect((await crossing.run(['tasks'])).stdout).toContain('The background service was stopped')
  })
})
