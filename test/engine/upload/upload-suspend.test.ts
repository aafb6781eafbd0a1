import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, expect, it} from 'vitest'
import {cancelUpload, urlRequest} from '../../../src/engine/index.ts'
import type {Session, UploadSource, UploadTask} from '../../../src/engine/index.ts'
import {respond} from '../../origin/handlers.ts'
import {openWalkStage} from './walk-stage.ts'
import type {UploadScene, WalkStage} from './walk-stage.ts'

let stage: WalkStage

beforeEach(async () => {
  stage = await openWalkStage()
  stage.origin.on('/U', respond(201, {}, 'stored'))
})

function made(
  options: UploadScene = {},
  source: UploadSource = {kind: 'file', path: stage.file}
): UploadTask {
  const {method = 'PUT', headers = [], path: _path, lifetime: _lifetime, ...others} = options
  const request = urlRequest(stage.origin.url('/U'), {method, headers})
  return session.uploadTask(request, {source, resumeDataFolder: stage.records, ...others})
}

let session: Session
const named = {'upload-draft-interop-version': '8'}

beforeEach(() => {
  session = stage.session()
})

it('waits on disk without a word to the server, and begins with what it was given [R18]', async () => {
  const collection = new URL(stage.origin.url('/'))
  const path = await made({
    method: 'POST',
    headers: [['Content-Type', 'text/x']],
    collection
  }).suspendToResumeData()
  expect(stage.origin.connections).toBe(0)
  expect(session.tasks).toEqual([])
  expect(path).toBe(stage.recordPath)
  expect(stage.record).toMatchObject({
    state: 'paused',
    protocol: null,
    parts: [],
    collection: collection.href,
    source: {path: stage.file, size: 1000},
    prefix: {length: 0}
  })
  const outcome = await stage.resume()
  expect(outcome).toMatchObject({state: 'completed', response: {status: 201}})
  const [request] = stage.origin.requests
  expect(request).toMatchObject({method: 'POST', body: stage.content})
  expect(request?.headers.get('content-type')).toBe('text/x')
  expect(stage.resumptions).toEqual([])
  expect(stage.files).toEqual([])
})

it('sends the file as it is when it begins: nothing was sent before', async () => {
  await made().suspendToResumeData()
  writeFileSync(stage.file, 'another content')
  expect(await stage.resume()).toMatchObject({state: 'completed'})
  expect(stage.origin.requests[0]?.body.toString()).toBe('another content')
})

it('is taken up by the same upload made again, too', async () => {
  await made().suspendToResumeData()
  expect(await stage.upload()).toMatchObject({state: 'completed'})
  expect(stage.files).toEqual([])
})

it.each(['none', 'auto'] as const)(
  'goes on waiting where it cannot begin, and goes when it is cancelled (%s)',
  async resumable => {
    session = stage.session({uploads: {resumable}})
    const path = await made().suspendToResumeData()
    stage.origin.on('/U', respond(403))
    const outcome = await stage.resume()
    expect(outcome).toMatchObject({state: 'failed', error: {status: 403}, resumeData: path})
    stage.origin.on('/U', () => {})
    const task = await stage.session().uploadTaskWithResumeData(path)
    task.resume()
    await stage.origin.untilRequests(2, '/U')
    task.cancel()
    expect(await task.outcome).toMatchObject({state: 'cancelled'})
    expect(stage.files).toEqual([])
  }
)

it.each([
  [{resumable: 'none'}, undefined],
  [{resumable: 'ietf', interopVersion: 6}, '6'],
  [{interopVersion: 5}, '5']
] as const)('keeps the way that was chosen for it: %o', async (uploads, interopVersion) => {
  session = stage.session({uploads})
  await made().suspendToResumeData()
  expect(await stage.resume()).toMatchObject({state: 'completed'})
  const [request] = stage.origin.requests
  expect(request?.headers.get('upload-draft-interop-version')).toBe(interopVersion)
})

it('speaks the protocol that was named for it and no other, though the server offers one', async () => {
  session = stage.session({uploads: {resumable: 'ietf'}})
  await made().suspendToResumeData()
  stage.origin.on('/U', respond(405, {'tus-version': '1.0.0'}))
  expect(await stage.resume()).toMatchObject({state: 'failed', error: {status: 405}})
  expect(stage.origin.requests).toHaveLength(1)
})

it.each(['none', 'auto'] as const)(
  'waits again when it is interrupted before it has begun (%s)',
  async way => {
    session = stage.session({uploads: {resumable: way}})
    const path = await made().suspendToResumeData()
    stage.origin.on('/U', () => {})
    const task = await stage.session().uploadTaskWithResumeData(path)
    task.resume()
    await stage.origin.untilRequests(1, '/U')
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
    expect(await task.cancelByProducingResumeData('cancel')).toBe(path)
    expect(await task.outcome).toMatchObject({state: 'paused', resumeData: path})
    stage.origin.on('/U', respond(201))
    expect(await stage.resume()).toMatchObject({state: 'completed'})
  }
)

it('is written down anew for another content', async () => {
  await made().suspendToResumeData()
  writeFileSync(stage.file, 'another content')
  const second = made()
  await second.suspendToResumeData()
  expect(stage.record).toMatchObject({taskId: second.id, source: {size: 15}, generation: 2})
})

it('leaves what has begun as it is', async () => {
  const place = {...named, location: stage.origin.url('/r')}
  stage.origin.on(
    '/U',
    async (_request, reply) => {
      await reply.informational(104, place)
      reply.reset()
    },
    'head'
  )
  stage.origin.on('/r', respond(503))
  expect(await stage.upload({}, session)).toMatchObject({state: 'failed'})
  const {record} = stage
  expect(record.parts).toHaveLength(1)
  expect(await made().suspendToResumeData()).toBe(stage.recordPath)
  expect(stage.record).toEqual(record)
})

it('is forgotten without a word to the server', async () => {
  const path = await made().suspendToResumeData()
  await cancelUpload(session, path)
  expect(stage.files).toEqual([])
  expect(stage.origin.connections).toBe(0)
})

it('is refused with the name of the place where nothing can be written', async () => {
  writeFileSync(stage.records, 'a file where the folder would be')
  await expect(made().suspendToResumeData()).rejects.toMatchObject({
    code: 'NOT_RESUMABLE',
    hint: expect.stringContaining(stage.records)
  })
})

it.each<[string, UploadSource]>([
  ['data', {kind: 'data', data: Buffer.from('x')}],
  ['a stream', {kind: 'stream'}],
  ['a form', {kind: 'form', fields: []}]
])('is for files: %s cannot wait on disk', async (_what, source) => {
  const task = made({}, source)
  await expect(task.suspendToResumeData()).rejects.toMatchObject({code: 'NOT_RESUMABLE'})
  expect(task.state).toBe('suspended')
  expect(stage.files).toEqual([])
})

it('is refused where nothing may be left, and once it was started', async () => {
  await expect(made({resuming: 'never'}).suspendToResumeData()).rejects.toMatchObject({
    code: 'NOT_RESUMABLE',
    hint: expect.stringContaining('--no-resume')
  })
  const started = stage.start()
  await expect(started.suspendToResumeData()).rejects.toMatchObject({code: 'NOT_RESUMABLE'})
  expect(await started.outcome).toMatchObject({state: 'completed'})
})

it('takes the copy that was made for it along, to its end', async () => {
  const copy = join(stage.folder, 'copy')
  writeFileSync(copy, 'spooled')
  await made({}, {kind: 'file', path: copy, lifetime: 'task'}).suspendToResumeData()
  expect(session.tasks).toEqual([])
  await session.finishTasksAndInvalidate()
  expect(readFileSync(copy, 'utf8')).toBe('spooled')
  expect(await stage.resume()).toMatchObject({state: 'completed'})
  expect(existsSync(copy)).toBe(false)
})
