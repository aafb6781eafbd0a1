import {readFileSync} from 'node:fs'
import {brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {ConfigurationChanges} from '../../../src/engine/index.ts'
import {redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {recordedSession} from '../recorded-session.ts'
import type {Received} from '../recorded-session.ts'

interface Encoded {
  readonly coding: string | readonly string[]
  readonly bytes: Buffer
  readonly changes?: ConfigurationChanges
}

async function fetchEncoded({coding, bytes, changes}: Encoded): Promise<Received> {
  await using origin = await startOrigin()
  const fields = [coding].flat().map(value => ['Content-Encoding', value] as const)
  origin.on('/', (_request, reply) => reply.respond(200, fields, bytes))
  return await recordedSession(changes).get(origin.url('/'), {decode: true})
}

const text = Buffer.from('Hello World!')

describe('an encoded body', () => {
  it.each([
    ['gzip', gzipSync(text), 11],
    ['x-gzip', gzipSync(text), 11],
    ['br', brotliCompressSync(text), 12],
    ['deflate', deflateSync(text), 11],
    ['deflate', deflateRawSync(text), 11],
    ['gzip, deflate', deflateRawSync(gzipSync(text)), 11],
    ['zstd', zstdCompressSync(text), 11],
    ['GZIP', gzipSync(text), 11],
    ['gzip, br', brotliCompressSync(gzipSync(text)), 12],
    ['identity', text, 1]
  ])('%s is decoded where that was asked for [%#]', async (coding, bytes) => {
    const {outcome, body, task} = await fetchEncoded({coding, bytes})
    expect(outcome.error).toBeUndefined()
    expect(body.toString()).toBe('Hello World!')
    expect(task.countOfBytesReceived).toBe(12)
  })

  it('is left as it is where the caller wants it so', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {'content-encoding': 'gzip'}, gzipSync(text)))
    const {body} = await recordedSession().get(origin.url('/'), {decode: false})
    expect(body.equals(gzipSync(text))).toBe(true)
  })

  it('larger than all buffers is decoded whole, and a slow delegate loses nothing', async () => {
    const plain = seededBytes(3_000_000, 8)
    await using origin = await startOrigin()
    origin.on('/', respond(200, {'content-encoding': 'gzip'}, gzipSync(plain, {level: 1})))
    let pieces = 0
    const recorded = recordedSession(
      {},
      {
        didReceiveData: () =>
          pieces++ % 20 === 0 ? new Promise(resolve => setTimeout(resolve, 2)) : undefined
      }
    )
    const {body} = await recorded.get(origin.url('/'), {decode: true})
    expect(body.equals(plain)).toBe(true)
  })

  it('of a download is decoded while it is written, with an unknown total [3A 20]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {'content-encoding': 'gzip'}, gzipSync(text)))
    const recorded = recordedSession()
    const task = recorded.session.downloadTask(urlRequest(origin.url('/')), {
      directory: scratchFolder(),
      fileName: 'f',
      decode: true
    })
    task.resume()
    const {path, error} = await task.outcome
    expect(error).toBeUndefined()
    expect(readFileSync(path ?? '', 'utf8')).toBe('Hello World!')
    const progress = recorded.calls.filter(({name}) => name === 'didWriteData').at(-1)?.value
    expect(progress).toMatchObject({totalBytesWritten: 12, totalBytesExpectedToWrite: undefined})
  })

  it.each([
    ['gzip', gzipSync(text).subarray(0, 20), 'is cut'],
    ['gzip', Buffer.concat([gzipSync(text), Buffer.from('trailing junk')]), 'has trailing bytes'],
    ['br', brotliCompressSync(text).subarray(0, 8), 'is cut'],
    ['deflate', deflateSync(text).subarray(0, 12), 'is cut'],
    ['deflate', deflateRawSync(text).subarray(0, 8), 'is cut'],
    ['zstd', zstdCompressSync(text).subarray(0, 15), 'is cut'],
    ['gzip', text, 'is none'],
    ['gzip', Buffer.alloc(0), 'is empty'],
    ['lzma', text, 'is unknown']
  ])('%s that %3$s is an error: half a text is no text [fault 39, fact 11]', async (coding, bytes) => {
    const {outcome} = await fetchEncoded({coding, bytes})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'CONTENT_CODING'}})
  })

  it.each([
    ['in one line', Array.from({length: 6}, () => 'gzip').join(', ')],
    ['in a line each', Array.from({length: 6}, () => 'gzip')],
    ['in thousands', Array.from({length: 4000}, () => 'gzip').join(',')]
  ])('that was encoded more than five times is refused: %s [CVE 49, security 6.15]', async (_how, coding) => {
    const {outcome, body} = await fetchEncoded({coding, bytes: text})
    expect(outcome.error?.code).toBe('CONTENT_CODING')
    expect(body.length).toBe(0)
  })

  it('that was encoded five times is decoded [security 6.15]', async () => {
    const bytes = Array.from({length: 5}).reduce<Buffer>(inner => gzipSync(inner), text)
    const {body} = await fetchEncoded({coding: 'gzip, gzip, gzip, gzip, gzip', bytes})
    expect(body.toString()).toBe('Hello World!')
  })
})

describe('the size allowed', () => {
  const bomb = gzipSync(Buffer.alloc(20_000_000))

  it('counts decoded bytes, so that a small answer cannot become a large one [fault 39, CVE 50, promise 7]', async () => {
    const changes = {limits: {maxFileSize: 100_000}}
    const {outcome, body} = await fetchEncoded({coding: 'gzip', bytes: bomb, changes})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'FILE_TOO_LARGE'}})
    expect(body.length).toBeLessThanOrEqual(100_000)
  })

  it('is not spent on bodies that nobody wants: an encoded redirection or refusal is never decoded [CVE 50]', async () => {
    await using origin = await startOrigin()
    const fields = {'content-encoding': 'gzip'}
    origin.on('/from', respond(302, {...fields, location: '/to'}, bomb))
    origin.on('/to', respond(200, {}, 'x'))
    origin.on('/denied', respond(401, fields, bomb))
    const recorded = recordedSession()
    expect((await recorded.get(origin.url('/from'), {decode: true})).body.toString()).toBe('x')
    const denied = await recorded.get(origin.url('/denied'), {decode: true})
    expect(denied.outcome.error?.body?.length).toBeLessThanOrEqual(2048)
  })

  it.each(['length', 'chunked'] as const)('ends a body that is larger, by a byte (%s)', async framing => {
    await using origin = await startOrigin()
    origin.serve('/', {body: seededBytes(1001, 1), framing})
    const allowed = await recordedSession({limits: {maxFileSize: 1001}}).get(origin.url('/'))
    expect(allowed.outcome.state).toBe('completed')
    const refused = await recordedSession({limits: {maxFileSize: 1000}}).get(origin.url('/'))
    expect(refused.outcome.error?.code).toBe('FILE_TOO_LARGE')
  })
})

describe('the size of heads', () => {
  it.each([
    ['one line of 300 KiB', {headerFlood: {bytes: 300 * 1024}}],
    ['6000 lines', {headerFlood: {lines: 6000}}]
  ])('ends a task: %s [fault 40, CVE 51]', async (_what, fault) => {
    await using origin = await startOrigin()
    origin.serve('/', {body: 'x', fault})
    const {outcome} = await recordedSession().get(origin.url('/'))
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HEADERS_TOO_LARGE'}})
  })

  it('ends a task whose head never ends, without waiting for a deadline [CVE 51]', async () => {
    await using origin = await startOrigin()
    origin.on('/', async (_request, reply) => {
      await reply.raw('HTTP/1.1 200 OK\r\n')
      for (let line = 0; reply.isOpen(); line++) await reply.raw(`X-${line}: ${'x'.repeat(1000)}\r\n`)
    })
    const {outcome} = await recordedSession().get(origin.url('/'))
    expect(outcome.error?.code).toBe('HEADERS_TOO_LARGE')
  })

  it('is counted over all redirections together [fault 40, CVE 51, promise 7]', async () => {
    await using origin = await startOrigin()
    for (let hop = 0; hop < 10; hop++) {
      origin.on(`/${hop}`, redirect(302, `/${hop + 1}`, {'x-flood': 'x'.repeat(60_000)}))
    }
    origin.on('/10', respond(200, {}, 'x'))
    const {outcome} = await recordedSession().get(origin.url('/0'))
    expect(outcome.error?.code).toBe('HEADERS_TOO_LARGE')
    expect(origin.requests.length).toBeLessThan(8)
  })

  it('may be 60 KiB', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: 'x', fault: {headerFlood: {bytes: 60 * 1024}}})
    expect((await recordedSession().get(origin.url('/'))).outcome.state).toBe('completed')
  })
})
