import {existsSync} from 'node:fs'
import {expect, it} from 'vitest'
import {openStage} from './resumable-stage.ts'
import type {ResumableStage} from './resumable-stage.ts'

const broken = {after: 70_000, connection: 'reset' as const}

/** A server that names an upload with limits that it does not keep to itself. */
async function withLimits(
  limit: string,
  {size = 200_000, content = 'read'}: {size?: number; content?: 'read' | 'unread'} = {}
): Promise<ResumableStage> {
  const stage = await openStage({size})
  stage.server.origin.script(
    '/U',
    [
      async (request, reply) => {
        if (content === 'unread') request.pause()
        await reply.informational(104, {
          'upload-draft-interop-version': '8',
          location: '/named',
          'upload-limit': limit
        })
        await request.untilReceived(Infinity)
        await reply.respond(201, {'upload-complete': '?1'})
      }
    ],
    'head'
  )
  stage.server.origin.on('/named', (_request, reply) => reply.respond(204))
  return stage
}

it('stops at once where the server takes no file of this size, and takes the upload back [U3]', async () => {
  const size = 16 * 1024 * 1024
  const stage = await withLimits(`max-size=${size - 1}`, {size, content: 'unread'})
  expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'FILE_TOO_LARGE'}})
  expect(stage.server.origin.requests.map(({method}) => method)).toEqual(['PUT', 'DELETE'])
  expect(existsSync(stage.resumeData)).toBe(false)
})

it.each(['max-size=1.5', 'max-size=200000', 'size=1', 'max-size', '"', 'max-size=1, min-size=?1'])(
  'sends everything where the limits say %s',
  async limit => {
    const stage = await withLimits(limit)
    expect(await stage.send()).toMatchObject({state: 'completed'})
    expect(stage.server.origin.requests.map(({method}) => method)).toEqual(['PUT'])
  }
)

it('sends nothing at all where a refusal has told that the file is too large', async () => {
  const stage = await openStage({server: {limits: {maxSize: 1000}}})
  expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'FILE_TOO_LARGE'}})
  expect(stage.story).toEqual(['create 413'])
})

it('stops a request that is larger than the limits it hears of, and goes on in pieces [U3]', async () => {
  const stage = await openStage({configuration: {retry: {attempts: 0}}})
  stage.server.origin.script(
    '/U',
    [
      async (request, reply) => {
        const upload = stage.server.openResource(request)
        upload.length = 200_000
        await reply.informational(104, {
          'upload-draft-interop-version': '8',
          location: upload.path,
          'upload-limit': 'max-append-size=120000'
        })
        await reply.finished
      }
    ],
    'head'
  )
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['state 204', 'append 204', 'append 201'])
  expect(stage.resource.stored.map(({end}) => end)).toEqual([120_000, 200_000])
})

it('does not ask for an upload whose time is over', async () => {
  const stage = await openStage({server: {limits: {maxAge: 0}, faults: {create: [broken]}}})
  const task = stage.start()
  expect(await task.outcome).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['create', 'create 201'])
  expect(task.restarted).toBe(true)
})

it('sends a file that is too small to be resumed in one request', async () => {
  const stage = await openStage({server: {limits: {minSize: 200_001}}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['create 201'])
  expect(stage.server.plain).toHaveLength(1)
})

it('keeps to the limits that the server tells when it is asked before [3F 118]', async () => {
  const size = 2 * 1024 * 1024
  const stage = await openStage({
    size,
    server: {limits: {maxAppendSize: 900_000}},
    uploads: {resumable: 'auto'}
  })
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['options 204', 'create 201', 'append 204', 'append 201'])
  expect(stage.resource.stored.map(({end}) => end)).toEqual([900_000, 1_800_000, size])
})

it('sends nothing of a file that is known to be too large [3F 118]', async () => {
  const size = 2 * 1024 * 1024
  const stage = await openStage({size, server: {limits: {maxSize: size - 1}}, uploads: {resumable: 'auto'}})
  expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'FILE_TOO_LARGE'}})
  expect(stage.story).toEqual(['options 204'])
})
