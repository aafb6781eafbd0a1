import {execFileSync} from 'node:child_process'
import {appendFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import type {SessionDelegate, UploadSource} from '../../../src/engine/index.ts'
import {redirect, respond} from '../../origin/handlers.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {decodeForm} from './decode-form.ts'
import {fileOf, openSending} from './sending.ts'

const patient = {retry: {attempts: 2, delay: 0.001}, uploads: {resumable: 'none', expectTimeout: 0}} as const
const short = seededBytes(3000, 1)
const long = seededBytes(5 * 1024 * 1024 + 1, 2)

const streaming = (bytes: Uint8Array): SessionDelegate => ({
  needNewBodyStream: () =>
    (async function* () {
      for (let at = 0; at < bytes.length; at += 70_000) yield bytes.subarray(at, at + 70_000)
    })()
})

function formOf(bytes: Uint8Array): UploadSource {
  const {path} = fileOf(bytes, 'page.html')
  return {
    kind: 'form',
    fields: [
      {name: 'title', value: {kind: 'text', text: 'Grüße'}},
      {name: 'page', value: {kind: 'file', path}}
    ]
  }
}

const kinds = [
  {kind: 'file', sourceOf: (bytes: Uint8Array): UploadSource => fileOf(bytes)},
  {kind: 'data', sourceOf: (bytes: Uint8Array): UploadSource => ({kind: 'data', data: bytes})},
  {kind: 'stream', sourceOf: (): UploadSource => ({kind: 'stream'})},
  {
    kind: 'stream of known length',
    sourceOf: (bytes: Uint8Array): UploadSource => ({kind: 'stream', length: bytes.length})
  }
].flatMap(each => [
  {...each, size: 'few', bytes: short},
  {...each, size: 'many', bytes: long}
])

describe('Every source', () => {
  it.each(kinds)('a $kind of $size bytes, arrives whole, again after a failure [3D 109]', async each => {
    const {origin, send} = await openSending(patient, streaming(each.bytes))
    origin.script('/U', [(_request, reply) => reply.reset(), respond(201)])
    const {outcome} = await send(each.sourceOf(each.bytes))
    expect(outcome).toMatchObject({state: 'completed', response: {status: 201}})
    expect(origin.requests).toHaveLength(2)
    for (const {body} of origin.requests) expect(body.equals(each.bytes)).toBe(true)
  })

  it.each([short, long])(
    'a form ($length bytes), arrives whole, again behind a redirection [3D 109]',
    async bytes => {
      const {origin, send} = await openSending(patient)
      origin.on('/U', redirect(307, '/V'))
      origin.on('/V', respond(200))
      const {outcome, task} = await send(formOf(bytes), {method: 'POST'})
      expect(outcome.state).toBe('completed')
      const [request] = origin.requestsOf('/V')
      expect(request?.header('content-length')).toBe(String(request?.body.length))
      expect(task.countOfBytesSent).toBe(request?.body.length)
      const fields = decodeForm(request?.body ?? Buffer.alloc(0), request?.header('content-type'))
      expect(fields.map(({name, fileName}) => [name, fileName])).toEqual([
        ['title', undefined],
        ['page', 'page.html']
      ])
      expect(fields[0]?.content.toString()).toBe('Grüße')
      expect(fields[1]?.content.equals(bytes)).toBe(true)
    }
  )

  it('a form, keeps the type that the request names, with the boundary of its own [3D 109]', async () => {
    const {origin, send} = await openSending(patient)
    origin.on('/U', respond(200))
    await send(formOf(short), {method: 'POST', headers: [['Content-Type', 'multipart/mixed']]})
    const [request] = origin.requests
    expect(request?.header('content-type')).toMatch(/^multipart\/mixed; boundary=/)
    expect(decodeForm(request?.body ?? Buffer.alloc(0), request?.header('content-type'))).toHaveLength(2)
  })

  it('a pipe, arrives in chunks; and is not sent again, for it is gone', async () => {
    const path = join(scratchFolder(), 'pipe')
    execFileSync('mkfifo', [path])
    const {origin, send} = await openSending(patient)
    origin.script('/U', [respond(503), respond(200)])
    const sending = send({kind: 'file', path})
    execFileSync('sh', ['-c', 'echo hello > "$0" &', path], {stdio: 'ignore'})
    const {outcome} = await sending
    expect(origin.requests.map(({body}) => body.toString())).toEqual(['hello\n'])
    expect(origin.requests[0]?.header('transfer-encoding')).toBe('chunked')
    expect(outcome.error).toMatchObject({status: 503, hint: expect.stringContaining('--spool')})
  })
})

describe('A source that cannot be sent', () => {
  const missing = '/nowhere/F'
  const unsendable: {what: string; source: () => UploadSource}[] = [
    {what: 'a file that is missing', source: () => ({kind: 'file', path: missing})},
    {what: 'a folder', source: () => ({kind: 'file', path: scratchFolder()})},
    {
      what: 'a form with a file that is missing',
      source: () => ({kind: 'form', fields: [{name: 'f', value: {kind: 'file', path: missing}}]})
    }
  ]

  it.each(unsendable)('like $what, fails before anybody is asked, once [3D 109]', async ({source}) => {
    const {origin, recorded, send} = await openSending(patient)
    const {outcome} = await send(source())
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'READ_FAILED'}})
    expect(origin.requests).toHaveLength(0)
    expect(origin.openConnections).toBe(0)
    expect(recorded.count('taskIsWaiting')).toBe(0)
  })

  it.each([
    {what: 'a file', wrap: (path: string): UploadSource => ({kind: 'file', path})},
    {
      what: 'a file in a form',
      wrap: (path: string): UploadSource => ({
        kind: 'form',
        fields: [{name: 'f', value: {kind: 'file', path}}]
      })
    }
  ])('like $what that changes meanwhile, never arrives whole, and is not tried again', async ({wrap}) => {
    const {origin, send} = await openSending(patient)
    const {path} = fileOf(long)
    const size = long.length
    origin.on(
      '/U',
      async (request, reply) => {
        appendFileSync(path, 'x')
        await request.untilReceived(size)
        return reply.respond(200)
      },
      'head'
    )
    const {outcome} = await send(wrap(path))
    expect(outcome.error).toMatchObject({code: 'SOURCE_CHANGED', message: expect.stringContaining(path)})
    await origin.untilIdle()
    expect(origin.requests).toHaveLength(1)
    expect(origin.requests[0]?.body.length).toBeLessThan(size)
  })

  it('like a stream of another length, never arrives whole, and is not tried again', async () => {
    const {origin, send} = await openSending(patient, streaming(short))
    origin.on('/U', respond(200), 'head')
    const {outcome} = await send({kind: 'stream', length: short.length + 1})
    expect(outcome.error).toMatchObject({code: 'READ_FAILED', message: expect.stringContaining('3001')})
    expect(origin.requests.length).toBeLessThanOrEqual(1)
  })
})
