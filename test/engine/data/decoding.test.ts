import {brotliCompressSync, gzipSync, zstdCompressSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {HeaderField} from '../../../src/engine/index.ts'
import {echo, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {recordedSession} from '../recorded-session.ts'

const text = 'Hello World!'

describe('A data task', () => {
  it('asks for encoded content, and for the bytes as they are where its caller wants them so [3A 2]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const asked = async (decode?: boolean) => {
      const {body} = await recordedSession().get(origin.url('/'), decode === undefined ? {} : {decode})
      return (JSON.parse(body.toString()) as {headers: Record<string, string>}).headers['accept-encoding']
    }
    expect(await asked()).toBe('gzip, deflate, br, zstd')
    expect(await asked(true)).toBe('gzip, deflate, br, zstd')
    expect(await asked(false)).toBe('identity')
  })

  it.each([
    ['gzip', gzipSync(text), '3A 11'],
    ['br', brotliCompressSync(text), '3A 12'],
    ['zstd', zstdCompressSync(text), 'promise 7']
  ])('hands over what is encoded with %s decoded, without being told to [%3$s]', async (coding, bytes) => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {'content-encoding': coding}, bytes))
    const {outcome, body, task} = await recordedSession().get(origin.url('/'))
    expect(outcome.state).toBe('completed')
    expect(body.toString()).toBe(text)
    expect(task.countOfBytesExpectedToReceive).toBeUndefined()
  })

  it.each<[string, string, string, readonly HeaderField[]]>([
    ['is compressed by its name', 'GET', '/archive.tar.gz', []],
    ['is asked for in pieces', 'GET', '/', [['Range', 'bytes=0-99']]],
    ['was asked for by a header of the user', 'GET', '/', [['Accept-Encoding', 'gzip']]]
  ])('leaves content as it is that %s', async (_what, method, path, headers) => {
    await using origin = await startOrigin()
    origin.on('*', respond(200, {'content-encoding': 'gzip'}, gzipSync(text)))
    const {body} = await recordedSession().get(urlRequest(origin.url(path), {method, headers}))
    expect(body.equals(gzipSync(text))).toBe(true)
    const lines = headers.filter(([name]) => name === 'Accept-Encoding')
    expect(origin.requests[0]?.header('accept-encoding')).toBe(lines[0]?.[1] ?? 'identity')
  })

  it('asks HEAD about the bytes that a file would have', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: text})
    await recordedSession().get(urlRequest(origin.url('/'), {method: 'HEAD'}))
    expect(origin.requests[0]?.header('accept-encoding')).toBe('identity')
  })

  it('asks once for what the user asks for, and decodes it where told to', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {'content-encoding': 'gzip'}, gzipSync(text)))
    const request = urlRequest(origin.url('/'), {headers: [['accept-encoding', 'gzip']]})
    const {body} = await recordedSession().get(request, {decode: true})
    expect(body.toString()).toBe(text)
    expect(origin.requests[0]?.header('accept-encoding')).toBe('gzip')
  })
})

describe('A download', () => {
  it('asks for the bytes as they are [3A 2, D18]', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: text})
    const task = recordedSession().session.downloadTask(urlRequest(origin.url('/')), {
      directory: scratchFolder(),
      fileName: 'F'
    })
    task.resume()
    expect((await task.outcome).state).toBe('completed')
    expect(origin.requests[0]?.header('accept-encoding')).toBe('identity')
  })
})
