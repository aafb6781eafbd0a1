import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {eventsOf, explanation} from '../cli/said.ts'
import type {Run} from '../cli-run/ferry.ts'
import {runFerry} from '../cli-run/ferry.ts'
import type {Handler} from '../origin/connection.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededSlice} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {runIsolated} from './isolated.ts'
import type {Aftermath, Outage} from './link-outage.ts'
import {freePort} from './program.ts'
import {silentPort} from './silent-port.ts'

const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const scene = fileURLToPath(new URL('link-outage.ts', import.meta.url))
const body = {size: 900_000, seed: 13}

/** Gets a file while the link goes away and comes back. */
async function getThroughOutage(cwd: string, args: readonly string[]): Promise<Aftermath> {
  const outage: Outage = {binary, args, body, limit: 600_000, duration: 1500}
  const {code, stdout, stderr} = await runIsolated([scene, JSON.stringify(outage)], cwd)
  expect(code, `a namespace can be made here (root, unshare, ip): ${stderr}`).toBe(0)
  return JSON.parse(stdout) as Aftermath
}

function expectWhole(cwd: string): void {
  expect(readdirSync(cwd)).toEqual(['F'])
  expect(readFileSync(join(cwd, 'F')).equals(seededSlice(body.seed, 0, body.size))).toBe(true)
}

describe('a host that cannot be reached', () => {
  it('ends with 28 after --connect-timeout when nothing answers, and leaves nothing [fault 2]', async () => {
    const port = await silentPort('127.0.0.1')
    const cwd = scratchFolder()
    const began = performance.now()
    const url = `http://127.0.0.1:${port}/F`
    const run = await runFerry(['get', '--retry', '0', '--connect-timeout', '0.5', url], {cwd})
    expect(run).toMatchObject({code: 28, stdout: ''})
    expect(explanation(run)).toMatchObject({failed: `GET ${url}`, code: 'TIMED_OUT'})
    // Without it, ferry waits longer, and the kernel for minutes.
    expect(performance.now() - began).toBeLessThan(8000)
    expect(readdirSync(cwd)).toEqual([])
  })

  it('ends with 7 when the network is down, and leaves nothing [fault 3]', async () => {
    const cwd = scratchFolder()
    const url = 'http://127.0.0.1:9/F'
    const ended = await runIsolated([binary, 'get', '--retry', '0', url], cwd)
    expect(ended, ended.stderr).toMatchObject({code: 7, stdout: ''})
    expect(ended.stderr).toContain('ENETUNREACH')
    expect(ended.stderr).toContain('(CONNECT_FAILED)')
    expect(readdirSync(cwd)).toEqual([])
  })
})

describe('a link that goes down in the middle of a transfer and comes back', () => {
  it('is waited for on the same connection within the idle time [fault 13]', async () => {
    const cwd = scratchFolder()
    expect(await getThroughOutage(cwd, ['--retry', '0'])).toMatchObject({code: 0, ranges: [null]})
    expectWhole(cwd)
  })

  it('is tried again after the idle time, and the same run continues where it was [fault 13]', async () => {
    const cwd = scratchFolder()
    const patience = ['--idle-timeout', '0.5', '--retry-delay', '0.2', '--retry', '30']
    const {code, ranges, stderr} = await getThroughOutage(cwd, patience)
    expect(code, stderr).toBe(0)
    expect(ranges.length).toBeGreaterThan(1)
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/)
    expectWhole(cwd)
  })
})

describe('a name with two addresses', () => {
  it.each([
    ['refuses', 7, freePort],
    ['is silent', 28, () => silentPort('::1')]
  ])(
    'is reached at the IPv4 address when the IPv6 address %s, which alone ends with %i [fault 16]',
    async (_, code, take) => {
      const port = await take()
      await using origin = await startOrigin({port})
      origin.serve('/F', {body: 'whole'})
      const get = (addresses: string, patience: string): Promise<Run> => {
        const network = ['--resolve', `two.test:${port}:${addresses}`, '--connect-timeout', patience]
        return runFerry(['get', '-o', '-', '--retry', '0', ...network, `http://two.test:${port}/F`])
      }
      expect(await get('[::1]', '0.5')).toMatchObject({code, stdout: ''})
      expect(await get('[::1],127.0.0.1', '5')).toMatchObject({code: 0, stdout: 'whole'})
    }
  )
})

describe('a kept connection that closes when it is used again', () => {
  const hangUp: Handler = (_request, reply) => reply.fin()

  it.each([
    ['costs one more request and no retry', 0, [hangUp, respond(200, {}, 'two')]],
    ['ends with 52 when the new connection closes as well', 52, [hangUp, hangUp]]
  ])('%s [fault 18]', async (_, code, handlers) => {
    await using origin = await startOrigin()
    origin.on('/one', respond(200, {}, 'one'))
    origin.script('/two', handlers)
    const words = ['get', '-j', '1', '--retry', '0', '--events', origin.url('/one'), origin.url('/two')]
    const run = await runFerry(words)
    expect(run, run.stderr).toMatchObject({code})
    expect(eventsOf(run).filter(({event}) => event === 'task.waiting')).toEqual([])
    const [one, ...two] = origin.requests
    expect(two.map(({path}) => path)).toEqual(['/two', '/two'])
    expect(two.map(({connection}) => connection === one?.connection)).toEqual([true, false])
  })
})
