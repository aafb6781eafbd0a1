import {existsSync, readFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {DownloadOptions, HeaderField, Task} from '../../src/engine/index.ts'
import {startHttpbin} from './httpbin.ts'
import type {Httpbin} from './httpbin.ts'
import {untilReceived, visitor} from './visitor.ts'
import type {Visitor} from './visitor.ts'

let httpbin: Httpbin

beforeAll(async () => {
  httpbin = await startHttpbin()
}, 60_000)
afterAll(() => httpbin?.close())

/** Bytes of /range/N are the alphabet, over and over. */
function alphabet(first: number, length: number): string {
  return Array.from({length}, (_, index) => String.fromCharCode(97 + ((first + index) % 26))).join('')
}

function statusesOf({metrics}: Task): (number | undefined)[] | undefined {
  return metrics?.transactionMetrics.map(({status}) => status)
}

async function document(
  guest: Visitor,
  path: string,
  options: Partial<DownloadOptions> & {headers?: readonly HeaderField[]} = {}
): Promise<Record<string, unknown>> {
  const outcome = await guest.download(httpbin.url(path), options)
  expect(outcome).toMatchObject({state: 'completed'})
  return JSON.parse(readFileSync(guest.target, 'utf8')) as Record<string, unknown>
}

describe('httpbin', () => {
  it.each(['/redirect/4', '/absolute-redirect/4', '/relative-redirect/4'])(
    'leads through %s to the end, which is asked without a trace of the way',
    async path => {
      const guest = visitor()
      expect(await document(guest, path)).toMatchObject({url: httpbin.url('/get'), args: {}})
    }
  )

  it('leads in vain when there are more redirections than allowed', async () => {
    const guest = visitor({redirects: {max: 3}})
    expect(await guest.download(httpbin.url('/redirect/4'))).toMatchObject({
      error: {code: 'TOO_MANY_REDIRECTS'}
    })
  })

  it('gets back the cookie that it set on the way, in the next request of the same session only', async () => {
    const guest = visitor()
    expect(await document(guest, '/cookies/set?flavour=oat')).toEqual({cookies: {flavour: 'oat'}})
    expect(await document(guest, '/cookies')).toEqual({cookies: {flavour: 'oat'}})
    expect(await document(visitor(), '/cookies')).toEqual({cookies: {}})
  })

  it('is asked again after 503, as often as the budget says, and then the status is the error', async () => {
    const guest = visitor({retry: {attempts: 2, delay: 0.01}})
    const task = guest.start(httpbin.url('/status/503'))
    expect(await task.outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 503}})
    expect(statusesOf(task)).toEqual([503, 503, 503])
    expect(guest.files).toEqual([])
  })

  it.each([404, 410, 418])('is asked once when the answer is %i', async status => {
    const guest = visitor({retry: {attempts: 2, delay: 0.01}})
    const task = guest.start(httpbin.url(`/status/${status}`))
    expect(await task.outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status}})
    expect(statusesOf(task)).toEqual([status])
  })

  it('gives a file and a piece of it', async () => {
    const [whole, piece] = [visitor(), visitor()]
    expect(await whole.download(httpbin.url('/range/50000'))).toMatchObject({state: 'completed'})
    expect(readFileSync(whole.target, 'utf8')).toBe(alphabet(0, 50_000))
    const headers = [['Range', 'bytes=40000-40999']] as const
    expect(await piece.download(httpbin.url('/range/50000'), {headers})).toMatchObject({state: 'completed'})
    expect(readFileSync(piece.target, 'utf8')).toBe(alphabet(40_000, 1000))
  })

  it('cannot be continued, because its tags have no quotes: a pause is refused and the transfer goes on', async () => {
    const guest = visitor()
    const task = guest.start(httpbin.url('/range/50000?duration=1'))
    await untilReceived(task, 1)
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
    expect(await task.outcome).toMatchObject({state: 'completed'})
    expect(readFileSync(guest.target, 'utf8')).toBe(alphabet(0, 50_000))
  })

  it('may drip: every byte counts as a sign of life', async () => {
    const guest = visitor({timeouts: {idle: 0.5}})
    const outcome = await guest.download(httpbin.url('/drip?duration=1&numbytes=10&delay=0'))
    expect(outcome).toMatchObject({state: 'completed'})
    expect(readFileSync(guest.target, 'utf8')).toBe('*'.repeat(10))
  })

  it('may not be silent for longer than the idle time-out', async () => {
    const guest = visitor({timeouts: {idle: 0.3}})
    const outcome = await guest.download(httpbin.url('/drip?duration=1&numbytes=10&delay=1'))
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'TIMED_OUT'}})
    expect(existsSync(guest.target)).toBe(false)
  })

  it('may send chunks of a length that nobody knew before', async () => {
    const [one, other] = [visitor(), visitor()]
    const url = httpbin.url('/stream-bytes/70000?seed=7&chunk_size=999')
    const outcome = await one.download(url)
    expect(outcome).toMatchObject({state: 'completed', response: {expectedContentLength: undefined}})
    await other.download(url)
    expect(readFileSync(one.target)).toHaveLength(70_000)
    expect(readFileSync(one.target).equals(readFileSync(other.target))).toBe(true)
  })

  it('knows a user who comes with name and password, and nobody else', async () => {
    const basic = `Basic ${Buffer.from('ana:open sesame').toString('base64')}`
    const path = '/basic-auth/ana/open%20sesame'
    const known = await document(visitor(), path, {headers: [['Authorization', basic]]})
    expect(known).toEqual({authenticated: true, user: 'ana'})
    expect(await visitor().download(httpbin.url(path))).toMatchObject({error: {status: 401}})
  })

  it.each(['gzip', 'deflate', 'brotli'])('has its %s undone where decoding was asked for', async coding => {
    expect(await document(visitor(), `/${coding}`, {decode: true})).toMatchObject({method: 'GET'})
  })

  it('has its gzip kept as it is where it was not', async () => {
    const guest = visitor()
    expect(await guest.download(httpbin.url('/gzip'))).toMatchObject({state: 'completed'})
    expect(readFileSync(guest.target).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  })
})
