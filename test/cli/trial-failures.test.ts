import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {createServer} from 'node:net'
import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

let origin: Origin
let other: Origin

beforeAll(async () => {
  origin = await startOrigin()
  other = await startOrigin()
  other.on('/private', respond(403, {}, 'who are you?'))
  origin.on('/elsewhere', redirect(302, other.url('/private')))
  origin.on('/busy', respond(500, {}, 'not now'))
  origin.on('/garbled', respond(200, {'content-encoding': 'gzip'}, 'no gzip'))
  origin.serve('/endless', {body: 'x', framing: 'close'})
  origin.serve('/still', {body: 'x'.repeat(1000), fault: {stallAfter: 10}})
  origin.serve('/cut', {body: 'x'.repeat(1000), entityTag: '"1"', fault: {cutAfter: 0}})
})
afterAll(() => Promise.all([origin.close(), other.close()]))

describe('a failure', () => {
  it('names what was not sent to another origin, which is the likely reason for its refusal', async () => {
    const {code, stderr} = await runFerry(['get', '--oauth2-bearer', 'env:TOKEN', origin.url('/elsewhere')], {
      env: {TOKEN: 'secret-token'}
    })
    expect(code).toBe(22)
    expect(stderr).toMatch(/^Next: Authorization was not sent to 127\.0\.0\.1:\d+.*--location-trusted/m)
    expect(stderr).not.toContain('secret-token')
  })

  it('is no matter of withheld headers where none was given', async () => {
    const {stderr} = await runFerry(['get', origin.url('/elsewhere')])
    expect(stderr).toMatch(/^Next: Check the credentials/m)
  })

  it.each([
    ['/missing', /^Next: Check the address\.$/m],
    ['/busy', /^Next: The trouble is at the server/m]
  ])('advises by the status: %s', async (path, next) => {
    const {code, stderr} = await runFerry(['get', '--retry', '0', origin.url(path)])
    expect(code).toBe(22)
    expect(stderr).toMatch(next)
  })

  it('to decode what -o - asked for encoded leads to the bytes as they are', async () => {
    const {code, stderr} = await runFerry(['get', '-o', '-', origin.url('/garbled')])
    expect(code).toBe(61)
    expect(stderr).toMatch(/^Next: .*-H "Accept-Encoding: identity"/m)
    const words = ['get', '-o', '-', '-H', 'Accept-Encoding: identity', origin.url('/garbled')]
    expect(await runFerry(words)).toMatchObject({code: 0, stdout: 'no gzip'})
  })

  it.each([
    ['a file', []],
    ['standard output', ['-o', '-']],
    ['a device', ['-o', '/dev/null']]
  ])('of --require-length is not tried again, and says how to do without it: %s', async (_where, place) => {
    const cwd = scratchFolder()
    const words = ['get', ...place, origin.url('/endless')]
    const asked = origin.requestsOf('/endless').length
    const {code, stderr} = await runFerry([...words, '--require-length'], {cwd})
    expect(code).toBe(18)
    expect(stderr).toMatch(/^Next: Leave --require-length out/m)
    expect(origin.requestsOf('/endless')).toHaveLength(asked + 1)
    expect(await runFerry(words, {cwd})).toMatchObject({code: 0})
  })

  it('of a transfer that was too slow names the flags that decide that', async () => {
    const cwd = scratchFolder()
    const {code, stderr} = await runFerry(
      ['get', '-Y', '1G', '-y', '0.2', '--retry', '0', origin.url('/still')],
      {cwd}
    )
    expect(code).toBe(28)
    expect(stderr).toMatch(/^Next: .*lower -Y/m)
  })

  it('promises no continuation when nothing was kept', async () => {
    const {stderr} = await runFerry(['get', '--retry', '0', origin.url('/cut')])
    expect(stderr).not.toMatch(/Kept|goes on/)
  })
})

describe('an https address at a port without TLS', () => {
  it('fails at once with 35, in words of this world', async () => {
    const server = createServer(socket => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    onTestFinished(() => void server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const {port} = server.address() as AddressInfo
    const args = ['get', '--retry-delay', '60', `https://127.0.0.1:${port}/`]
    const {code, stderr} = await runFerry(args)
    expect(code).toBe(35)
    expect(stderr).toMatch(/^Why: What the server answered is not TLS \(TLS_HANDSHAKE\)$/m)
    expect(stderr).toMatch(/^Next: Is it an http address\?/m)
  })
})

describe('--if-exists verify', () => {
  it('is refused without a digest, for it would replace whatever is there', async () => {
    const {code, stderr} = await runFerry(['get', '--if-exists', 'verify', origin.url('/cut')])
    expect(code).toBe(2)
    expect(stderr).toContain('--sha256')
  })
})

describe('"not modified"', () => {
  it('prints no path where no file is', async () => {
    const lastModified = 'Wed, 01 Jan 2025 00:00:00 GMT'
    origin.serve('/old', {body: 'old', lastModified})
    const args = ['get', '-z', '2026-01-01', '-o', 'F', origin.url('/old')]
    expect(await runFerry(args)).toMatchObject({code: 0, stdout: ''})
  })
})

describe('many failures', () => {
  it('for one reason name each URL, up to five, and the reason once', async () => {
    const urls = Array.from({length: 7}, (_, index) => origin.url(`/missing/${index}`))
    const {code, stderr} = await runFerry(['get', ...urls])
    expect(code).toBe(22)
    expect(stderr.match(/^ferry: Failed: GET /gm)).toHaveLength(5)
    expect(stderr).toMatch(/^ferry: Failed: 2 more for the same reason$/m)
    expect(stderr.match(/^Why: /gm)).toHaveLength(1)
    expect(stderr.match(/^Next: /gm)).toHaveLength(1)
  })

  it('for several reasons tell each of them', async () => {
    const args = ['get', '--retry', '0', origin.url('/missing'), origin.url('/busy'), origin.url('/cut')]
    const {code, stderr} = await runFerry(args)
    expect(code).toBe(117)
    expect(stderr.match(/^Why: /gm)).toHaveLength(3)
  })
})
