import {expect, it} from 'vitest'
import {startFerry} from '../cli-run/ferry.ts'
import {socketsOf, until} from '../cli-run/daemon.ts'
import {backgroundCrossing} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'

// The door of a process takes 64 clients.
const many = 150

/** Hands over that many downloads for later; resolves to their ids. */
async function submitted(crossing: BackgroundCrossing, begin: string): Promise<readonly string[]> {
  const urls = Array.from({length: many}, (_, number) => crossing.origin.url(`/${number}`))
  const run = await crossing.run(['get', '--background', '--start-at', begin, ...urls])
  expect(run.code, run.stderr).toBe(0)
  return run.stdout.trim().split('\n')
}

it('waits for more tasks than a process takes clients, as one client', async () => {
  const crossing = await backgroundCrossing()
  for (let number = 0; number < many; number += 1) crossing.origin.serve(`/${number}`, {body: 'content'})
  const ids = await submitted(crossing, '4s')
  const {home} = crossing.daemon
  const waiting = startFerry(['wait', '-q', '--json', ...ids], {env: {FERRY_HOME: home}})
  let mostSockets = 0
  await until(() => {
    const {pid, child} = waiting
    if (child.exitCode === null) mostSockets = Math.max(mostSockets, socketsOf(pid ?? 0).length)
    return child.exitCode !== null
  })
  expect(await waiting.done).toMatchObject({code: 0, stderr: ''})
  // Three of them are its input and outputs.
  expect(mostSockets).toBeLessThan(8)
})

it('pauses, resumes, holds, releases and cancels more tasks than a process takes clients', async () => {
  const crossing = await backgroundCrossing()
  const words = await submitted(crossing, '1h')
  for (const how of [['pause', '--hold'], ['resume'], ['pause'], ['cancel']]) {
    const run = await crossing.run([...how, '-q', ...words])
    expect(run, run.stderr).toMatchObject({code: 0, stderr: ''})
  }
})
