import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {certificates} from '../origin/certificates.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {startDante} from './dante.ts'
import {startSquid} from './squid.ts'
import {startTinyproxy} from './tinyproxy.ts'
import type {ProxyUser} from './tinyproxy.ts'

const body = seededBytes(3_000_000, 11)
const trusting = ['get', '--retry', '0', '--cacert', certificates.authorityPath]

const proxies: readonly (readonly [string, (user: ProxyUser) => Promise<string>])[] = [
  ['tinyproxy with Basic', startTinyproxy],
  ['squid with Basic', user => startSquid('basic', user)],
  ['squid with Digest', user => startSquid('digest', user)],
  ['dante with a password', startDante]
]

describe.each(proxies)('%s', (_name, start) => {
  it.each([
    ['http', {}],
    ['https', {tls: 'good'}]
  ] as const)('passes %s on, long and short, for those it knows', async (_scheme, options) => {
    const password = canary('proxy')
    const proxy = await start({user: 'ferryman', password})
    await using origin = await startOrigin(options)
    origin.serve('/long', {body})
    origin.serve('/short', {body: 'short'})
    const cwd = scratchFolder()
    const words = ['-x', proxy, '--proxy-user', 'env:PAIR', origin.url('/long'), origin.url('/short')]
    const run = await runFerry([...trusting, ...words], {cwd, env: {PAIR: `ferryman:${password}`}})
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'long')).equals(body)).toBe(true)
    expect(readFileSync(join(cwd, 'short'), 'utf8')).toBe('short')
    expect(run.stdout + run.stderr).not.toContain(password)
    expect(origin.requests.map(({rawHead}) => rawHead).join('')).not.toMatch(/proxy-authorization/i)
  })

  it('refuses those it does not know, and nothing reaches the server', async () => {
    const proxy = await start({user: 'ferryman', password: canary('proxy')})
    await using origin = await startOrigin({tls: 'good'})
    const words = ['-x', proxy, '--proxy-user', 'env:PAIR', origin.url('/F')]
    const run = await runFerry([...trusting, ...words], {env: {PAIR: `ferryman:${canary('wrong')}`}})
    expect(run, run.stderr).toMatchObject({code: 97})
    expect(origin.connections).toBe(0)
  })
})

it('dante without a password looks names up itself, and says why it cannot connect', async () => {
  const proxy = await startDante()
  await using origin = await startOrigin()
  origin.serve('/F', {body})
  const url = origin.url('/F', 'localhost')
  const good = await runFerry([...trusting, '-o', '-', '-x', proxy, url])
  expect(good.output.equals(body)).toBe(true)
  await origin.close()
  const refused = await runFerry([...trusting, '-x', proxy, url])
  expect(refused).toMatchObject({code: 97})
  expect(refused.stderr).toMatch(/was refused by the host/)
})
