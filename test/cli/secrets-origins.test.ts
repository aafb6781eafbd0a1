import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canary, takeLeaks} from '../canary/canary.ts'
import type {Run} from '../cli-run/ferry.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {basic, demanding, startProxy} from '../engine/exchange/scripted-proxy.ts'
import {certificates} from '../origin/certificates.ts'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

let origin: Origin
let elsewhere: Origin

beforeAll(async () => {
  origin = await startOrigin()
  elsewhere = await startOrigin()
  elsewhere.on('*', respond(200, {}, 'there'))
})
afterAll(async () => {
  await origin.close()
  await elsewhere.close()
})

const decider = `sh -c 'echo hook was run >&2; echo "{}"'`

describe('A login for a proxy', () => {
  it.each(['plain', 'tls'])('is not for an origin that sends 407: %s', async kind => {
    await using server = await startOrigin(kind === 'tls' ? {tls: 'good'} : {})
    server.on('/F', respond(407, {'proxy-authenticate': 'Basic realm="r"'}))
    const secret = canary('proxy', {port: 0})
    const env = {PAIR: `ana:${secret}`}
    const words = ['-k', '-x', 'http://127.0.0.1:1', '--proxy-user', 'env:PAIR', '--noproxy', '*']
    const run = await runFerry(['get', ...words, '--on-challenge', decider, server.url('/F')], {env})
    expect(run).toMatchObject({code: 22, stdout: ''})
    expect(run.stderr).not.toContain('hook was run')
    expect(explanation(run).next).toContain('No proxy asked this')
    expect(server.requests).toHaveLength(1)
  })

  it('is not for the origin behind its tunnel either, and the origin does not make ferry ask', async () => {
    await using server = await startOrigin({tls: 'good'})
    server.on('/F', respond(407, {'proxy-authenticate': 'Basic realm="r"'}))
    const proxy = await startProxy()
    const env = {PAIR: `ana:${canary('proxy', proxy)}`}
    const words = ['-k', '-x', proxy.url, '--proxy-user', 'env:PAIR', '--on-challenge', decider]
    const run = await runFerry(['get', ...words, server.url('/F')], {env})
    expect(run.code).toBe(22)
    expect(run.stderr).not.toContain('hook was run')
    expect(proxy.values('proxy-authorization')).toEqual([undefined])
  })

  it('stays with it where an origin redirects to the proxy, and the login of the origin does not come along', async () => {
    const secret = canary('forward')
    const proxy = await startProxy({
      objection: demanding('Basic realm="p"', value => value === basic('ana', secret))
    })
    origin.on('/to-proxy', redirect(302, `${proxy.url}/x`))
    const env = {PAIR: `ana:${secret}`, WHO: `bob:${canary('origin', origin)}`}
    const words = ['-x', proxy.url, '--proxy-user', 'env:PAIR', '-u', 'env:WHO', '--max-time', '5']
    await runFerry(['get', '--retry', '0', ...words, origin.url('/to-proxy')], {env})
    const last = proxy.heads.findLast(head => head.includes(`${proxy.port}/x`))
    expect(last).toBeDefined()
    expect(last).not.toMatch(/^authorization/im)
    expect(takeLeaks()).toEqual([])
  })

  it('of an origin is not for a proxy that answers 401 to CONNECT', async () => {
    await using server = await startOrigin({tls: 'good'})
    const answer =
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="r"\r\nContent-Length: 0\r\n\r\n'
    const proxy = await startProxy({objection: () => answer})
    const env = {WHO: `bob:${canary('origin', server)}`}
    const words = ['-k', '-x', proxy.url, '--anyauth', '-u', 'env:WHO', '--retry', '0']
    expect((await runFerry(['get', ...words, server.url('/F')], {env})).code).toBe(97)
    expect(proxy.values('authorization')).toEqual([undefined])
  })
})

describe('A login does not follow a redirection to', () => {
  it.each<readonly [string, (there: Origin) => string]>([
    ['another port', there => there.url('/')],
    ['the same name with a dot behind it', there => `http://localhost.:${there.port}/`],
    ['a name in other letters', there => `http://LOCALHOST:${there.port}/`],
    ['a name with others in front', there => `http://a.localhost:${there.port}/`],
    ['a place with another login', there => `http://eve:pw@localhost:${there.port}/`],
    ['a place that looks like home', there => `http://localhost@127.0.0.1:${there.port}/`],
    ['a place after backslashes', there => `\\\\127.0.0.1:${there.port}\\x`]
  ])('%s [CVE 22, CVE 23, CVE 39]', async (_where, location) => {
    origin.on('/away', redirect(302, location(elsewhere)))
    const secret = canary('away', origin)
    const resolve = ['localhost.', 'a.localhost'].flatMap(name => [
      '--resolve',
      `${name}:${elsewhere.port}:127.0.0.1`
    ])
    const env = {PAIR: `ana:${secret}`}
    const words = [
      ...resolve,
      '--retry',
      '0',
      '-u',
      'env:PAIR',
      '-b',
      `id=${secret}`,
      '-H',
      `X-Key: ${secret}`
    ]
    const before = elsewhere.requests.length
    const run: Run = await runFerry(['get', '-o', '-', ...words, origin.url('/away', 'localhost')], {env})
    expect(run, run.stderr).toMatchObject({code: 0, stdout: 'there'})
    const [seen] = elsewhere.requests.slice(before)
    expect(seen?.header('authorization') ?? seen?.header('cookie') ?? seen?.header('x-key')).toBeUndefined()
  })
})

describe('A challenge', () => {
  it.each([
    ['with bytes above ASCII in its realm', `Basic realm="a\u009b2J\u0085b"`],
    ['with the realm of another host', `Basic realm="https://elsewhere.invalid/ your bank"`],
    ['of 90 KB', `Basic realm="${'r'.repeat(90_000)}"`]
  ])('%s does no harm to the terminal, and is answered once', async (_what, words) => {
    origin.on('/strange', (_request, reply) => reply.respond(401, {'www-authenticate': words}))
    const before = origin.requests.length
    const env = {PAIR: `ana:${canary('strange', origin)}`}
    const args = ['get', '--events', '-v', '--anyauth', '-u', 'env:PAIR', origin.url('/strange')]
    const run = await runFerry(args, {env})
    expect(run.code).toBe(22)
    expect(run.stdout + run.stderr).not.toMatch(/(?!\n)\p{Cc}/u)
    expect(origin.requests.length - before).toBe(2)
  })

  it('of a megabyte is not read, and nobody is told anything', async () => {
    origin.on('/huge', (_request, reply) => reply.respond(401, {'www-authenticate': 'x'.repeat(1 << 20)}))
    const before = origin.requests.length
    const env = {PAIR: `ana:${canary('huge', origin)}`}
    const run = await runFerry(['get', '--anyauth', '-u', 'env:PAIR', origin.url('/huge')], {env})
    expect(run.code).toBe(100)
    expect(origin.requests.slice(before).map(({headers}) => headers.has('authorization'))).toEqual([false])
  })
})

describe('A secret for a host that wants TLS', () => {
  it('is sent over TLS alone, once, also when the address says http [CVE 45]', async () => {
    await using server = await startOrigin({tls: 'wrongName'})
    server.on('*', respond(200, {'strict-transport-security': 'max-age=600'}, 'in'))
    const host = `elsewhere.invalid:${server.port}`
    const env = {FERRY_HOME: scratchFolder(), PAIR: `ana:${canary('strict', server)}`}
    const words = ['--cacert', certificates.authorityPath, '--resolve', `${host}:127.0.0.1`, '-u', 'env:PAIR']
    const get = (url: string): Promise<Run> => runFerry(['get', '-o', '-', ...words, url], {env})
    expect(await get(`https://${host}/first`)).toMatchObject({code: 0})
    const {connections} = server
    expect(await get(`http://${host}/second`)).toMatchObject({code: 0})
    expect(server.connections).toBe(connections + 1)
    expect(server.requests.map(({headers}) => headers.has('authorization'))).toEqual([true, true])
  })
})
