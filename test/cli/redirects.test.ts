import {readdirSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Run} from '../cli-run/ferry.ts'
import {canary, entrust} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {redirect} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import type {OriginRequest} from '../origin/request.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

let origin: Origin
let elsewhere: Origin

beforeAll(async () => {
  origin = await startOrigin()
  elsewhere = await startOrigin()
  elsewhere.serve('/F', {body: 'over there'})
  origin.serve('/F', {body: 'here'})
  entrust(secret, origin)
  origin.on('/away', redirect(302, elsewhere.url('/F')))
  origin.on('/stay', redirect(302, '/F'))
  elsewhere.on('/back', redirect(302, origin.url('/F')))
  origin.on('/round', redirect(302, elsewhere.url('/back')))
})
afterAll(async () => {
  await origin.close()
  await elsewhere.close()
})

const secret = canary('redirect')
const secrets: readonly (readonly [string, readonly string[], string, string])[] = [
  ['-H Authorization', ['-H', `Authorization: Bearer ${secret}`], 'authorization', 'CVE 22'],
  ['-u', ['-u', `ana:${secret}`], 'authorization', 'CVE 23'],
  ['-H Cookie', ['-H', `Cookie: a=${secret}`], 'cookie', 'CVE 31'],
  ['-b', ['-b', `a=${secret}`], 'cookie', 'CVE 23'],
  ['a header of its own', ['-H', `X-Amz-Security-Token: ${secret}`], 'x-amz-security-token', 'CVE 33, P5b'],
  ['-H Host', ['-H', 'Host: own.invalid'], 'host', 'CVE 31']
]

async function lastRequest(server: Origin, args: readonly string[]): Promise<OriginRequest | undefined> {
  const run = await runFerry(['get', '-q', '-o', '-', ...args])
  expect(run, run.stderr).toMatchObject({code: 0})
  return server.requests.at(-1)
}

describe.each(secrets)('what is sent with %s', (_what, flags, field, row) => {
  const own = field === 'host' ? 'own.invalid' : expect.stringMatching(/./)

  it(`stays on the same origin, and does not cross to another port [${row}]`, async () => {
    const inside = await lastRequest(origin, [...flags, origin.url('/stay')])
    expect(inside?.header(field)).toEqual(own)
    const outside = await lastRequest(elsewhere, [...flags, origin.url('/away')])
    expect(outside?.header(field)).toBe(field === 'host' ? `127.0.0.1:${elsewhere.port}` : undefined)
  })

  it('is not sent again after it was left out once [CVE 34]', async () => {
    const returned = await lastRequest(origin, [...flags, origin.url('/round')])
    expect(returned?.path).toBe('/F')
    expect(returned?.header(field)).toBe(field === 'host' ? `127.0.0.1:${origin.port}` : undefined)
  })
})

describe('--location-trusted', () => {
  it('sends it everywhere', async () => {
    entrust(secret, elsewhere)
    const args = [
      '--location-trusted',
      '-H',
      `Authorization: Bearer ${secret}`,
      '-b',
      `a=${secret}`,
      origin.url('/away')
    ]
    const request = await lastRequest(elsewhere, args)
    expect(request?.header('authorization')).toBe(`Bearer ${secret}`)
    expect(request?.header('cookie')).toBe(`a=${secret}`)
  })
})

async function redirected(location: string): Promise<{run: Run; left: readonly string[]}> {
  const cwd = scratchFolder()
  origin.on('/to', redirect(302, location))
  const run = await runFerry(['get', '-o', 'F', origin.url('/to')], {cwd})
  return {run, left: readdirSync(cwd)}
}

describe('a redirection', () => {
  it.each([
    ['file:///etc/passwd', 'CVE 36'],
    ['data:,hello', 'CVE 36'],
    ['ftp://127.0.0.1/F', 'CVE 8'],
    ['javascript:alert(1)', 'CVE 36'],
    ['unix:/var/run/docker.sock:/x', 'CVE 35']
  ])('to %s ends with 1, names the step, and writes nothing [%s]', async (location, _row) => {
    const {run, left} = await redirected(location)
    expect(run, run.stderr).toMatchObject({code: 1, stdout: ''})
    const told = explanation(run)
    expect(told.code).toBe('UNSUPPORTED_SCHEME')
    expect(`${told.failed} ${told.why}`).toContain(location.split(':')[0])
    expect(left).toEqual([])
  })

  it.each([
    ['http://127.0.0.1:99999/', 'CVE 40'],
    ['http://good%2Fevil/', 'CVE 40']
  ])(
    'to the address %s, which is none, writes nothing and connects to nobody [%s]',
    async (location, _row) => {
      const before = elsewhere.connections
      const {run, left} = await redirected(location)
      expect([3, 8]).toContain(run.code)
      expect(left).toEqual([])
      expect(elsewhere.connections).toBe(before)
    }
  )

  it('with two different targets is no HTTP [CVE 56]', async () => {
    origin.on('/two', redirect(302, '/F', {location: elsewhere.url('/F')}))
    const run = await runFerry(['get', '-o', '-', origin.url('/two')])
    expect(run).toMatchObject({code: 8, stdout: ''})
  })

  it('sends no Referer of its own, so no user, password or fragment can be in it [CVE 37]', async () => {
    const address = origin.url('/away#fragment').replace('://', '://ana:x@')
    const request = await lastRequest(elsewhere, [address])
    expect(request?.header('referer')).toBeUndefined()
    expect(request?.header('authorization')).toBeUndefined()
    expect(request?.target).toBe('/F')
  })

  it('from https to http on the same host tells nothing to the unsafe side, even when allowed [CVE 33]', async () => {
    await using secure = await startOrigin({tls: 'good'})
    secure.on('/down', redirect(302, origin.url('/F')))
    const own = canary('down', secure)
    const flags = ['-k', '-H', `Authorization: Bearer ${own}`, '-b', `a=${own}`]
    const before = origin.requests.length
    const refused = await runFerry(['get', '-o', '-', ...flags, secure.url('/down')])
    expect(refused).toMatchObject({code: 113, stdout: ''})
    expect(origin.requests).toHaveLength(before)
    const request = await lastRequest(origin, ['--allow-downgrade', ...flags, secure.url('/down')])
    expect(request?.header('authorization')).toBeUndefined()
    expect(request?.header('cookie')).toBeUndefined()
  })
})

describe('user information in an address', () => {
  it.each([
    ['ana:p%40x', 'ana:p@x', 'CVE 38'],
    ['user;x', 'user;x:', 'CVE 39'],
    ['good.invalid%23', 'good.invalid#:', 'CVE 40']
  ])('%s never becomes part of the host [%s]', async (information, credentials) => {
    const address = origin.url('/F').replace('://', `://${information}@`)
    const request = await lastRequest(origin, [address])
    expect(request?.header('host')).toBe(`127.0.0.1:${origin.port}`)
    const sent = request?.header('authorization')?.replace('Basic ', '') ?? ''
    expect(Buffer.from(sent, 'base64').toString()).toBe(credentials)
  })

  it('does not survive "#" in front of another host: what is behind it is never asked [CVE 40]', async () => {
    const address = `${origin.url('/F')}#@127.0.0.1:${elsewhere.port}/F`
    const before = elsewhere.requests.length
    await lastRequest(origin, [address])
    expect(elsewhere.requests).toHaveLength(before)
  })
})
