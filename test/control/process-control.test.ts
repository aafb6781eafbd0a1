import {once} from 'node:events'
import {readdir, readFile, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {ControlClient} from '../../src/control/control-client.ts'
import {Endpoints} from '../../src/control/endpoints.ts'
import {ProcessControl} from '../../src/control/process-control.ts'
import type {TaskRecord, TaskRecords} from '../../src/control/task-record.ts'
import {discardResumeData, Session, SessionConfiguration, urlRequest} from '../../src/engine/index.ts'
import type {DownloadTask, Task} from '../../src/engine/index.ts'
import {FakeTask, fakeRecords} from './fake-tasks.ts'
import {newStage} from './stage.ts'
import type {Stage} from './stage.ts'

const body = Buffer.alloc(3 * 1024 * 1024, 'ferry')
const short = body.subarray(0, 1000)

const records: TaskRecords<Task> = {
  record: (task, outcome): TaskRecord => ({
    ...fakeRecords.record(new FakeTask(task.id), outcome),
    resumeData: outcome?.resumeData ?? (task as DownloadTask).resumeData ?? null
  }),
  exitCode: fakeRecords.exitCode
}

let stage: Stage
let origin: Server
let url: string
let reported: unknown[]
let control: ProcessControl
let session: Session
let client: ControlClient

beforeEach(async () => {
  stage = await newStage()
  reported = []
  // "/whole" and "/short" answer at once; anything else stops in the middle, and is another version each time.
  let version = 0
  origin = createServer((request, response) => {
    const content = request.url === '/short' ? short : body
    response.writeHead(200, {
      etag: `"v${version++}"`,
      'accept-ranges': 'bytes',
      'content-length': content.length
    })
    if (request.url === '/whole' || request.url === '/short') response.end(content)
    else response.write(body.subarray(0, body.length / 2))
  }).listen(0, '127.0.0.1')
  await once(origin, 'listening')
  url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`
  const endpoints = new Endpoints(stage.places)
  client = new ControlClient({endpoints, index: stage.index, discardResumeData})
})

afterEach(async () => {
  await session.invalidateAndCancel()
  await control.close()
  origin.closeAllConnections()
  origin.close()
  await stage.clear()
})

function begin(path: string, openAfter = 0): DownloadTask {
  control = new ProcessControl({
    places: stage.places,
    records,
    report: error => reported.push(error),
    openAfter
  })
  const {delegate, environment} = control.hooks
  session = new Session(SessionConfiguration.default(), delegate, environment)
  const task = session.downloadTask(urlRequest(url + path), {directory: stage.home, fileName: 'F'})
  task.resume()
  return task
}

it('pauses a real download from outside, which can then be cancelled with all that it left', async () => {
  const task = begin('/half')
  await expect.poll(() => task.isResumable).toBe(true)
  await control.open()
  await expect(client.pause(task.id)).resolves.toMatchObject({
    state: 'paused',
    resumeData: join(stage.home, 'F.ferry')
  })
  await control.close()
  await expect(client.wait(task.id)).resolves.toMatchObject({exitCode: 114})
  const {tasks} = await client.tasks()
  expect(tasks).toMatchObject([{id: task.id, state: 'paused', actions: ['resume', 'cancel']}])
  await client.cancel(task.id)
  expect((await readdir(stage.home)).filter(name => name.startsWith('F'))).toEqual([])
  await expect(client.tasks()).resolves.toMatchObject({tasks: []})
  expect(reported).toEqual([])
})

it('hands a paused download over to the task that continues it', async () => {
  const task = begin('/half')
  await expect.poll(() => task.isResumable).toBe(true)
  await control.open()
  await client.pause(task.id)
  const next = await session.downloadTaskWithResumeData(join(stage.home, 'F.ferry'), {trust: 'foreign'})
  next.resume()
  await expect.poll(() => next.resumeData).toBe(join(stage.home, 'F.ferry'))
  await expect(client.tasks()).resolves.toMatchObject({tasks: [{id: next.id, state: 'running'}]})
  await client.cancel(task.id)
  await expect(client.pause(next.id)).resolves.toMatchObject({state: 'paused'})
  await expect(client.tasks()).resolves.toMatchObject({tasks: [{id: next.id, state: 'paused'}]})
})

it('leaves no trace of a transfer that is over before the endpoint opens', async () => {
  const task = begin('/short', 60_000)
  await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
  await control.close()
  await expect(readdir(stage.home)).resolves.toEqual(['F'])
  await expect(readFile(join(stage.home, 'F'))).resolves.toEqual(short)
})

it('goes on without an endpoint where none can be opened, and says so', async () => {
  await writeFile(join(stage.home, 'run'), 'in the way')
  const task = begin('/whole')
  await control.open()
  await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
  expect(reported).toMatchObject([{code: 'REFUSED'}])
})
