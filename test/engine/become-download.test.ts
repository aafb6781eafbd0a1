import {execFileSync} from 'node:child_process'
import {createReadStream, existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {setTimeout as sleep} from 'node:timers/promises'
import {gzipSync} from 'node:zlib'
import {describe, expect, it, vi} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import {redirect, respond} from '../origin/handlers.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {patience} from '../scratch/patience.ts'
import {downloadOf, openScenery} from './becoming.ts'
import {digestOf, first, openStage} from './download/stage.ts'
import {recordedSession} from './recorded-session.ts'

const small = {body: seededBytes(30_000, 1), entityTag: '"v1"'}
const large = {body: seededBytes(3_000_000, 2), entityTag: '"v1"'}

describe('A data task whose delegate answers becomeDownload', () => {
  it.each([
    ['a short body of known length', {...small}],
    ['a body of several reads', {...large, body: large.body.subarray(0, 900_000)}],
    ['a long body, which bypasses the parser', {...large}],
    ['a short chunked body', {...small, framing: 'chunked' as const}],
    ['a long chunked body', {...large, framing: 'chunked' as const}],
    ['a body that ends with its connection', {...small, framing: 'close' as const}],
    ['an empty body', {body: Buffer.alloc(0)}]
  ])('puts %s into the file once, with one request [R41, R42]', async (_what, resource) => {
    const scenery = await openScenery()
    scenery.origin.serve('/F', resource)
    const become = await scenery.become('/F')
    expect(await downloadOf(become).outcome).toMatchObject({state: 'completed', path: scenery.target})
    expect(readFileSync(scenery.target).equals(resource.body)).toBe(true)
    expect(scenery.ranges).toEqual([undefined])
    expect(become.recorded.count('didReceiveData')).toBe(0)
  })

  it('ends well at once, and the download tells the rest in order under its own id [R42]', async () => {
    const scenery = await openScenery()
    scenery.origin.serve('/F', small)
    const {recorded, task, outcome} = await scenery.become('/F')
    expect(outcome).toMatchObject({state: 'completed', response: {status: 200}})
    const download = downloadOf({task})
    await download.outcome
    expect(download.id).not.toBe(task.id)
    expect(recorded.order(task)).toEqual([
      'didCreateTask',
      'didStartTask',
      'didReceiveResponse',
      'didBecomeDownload',
      'didFinishCollectingMetrics',
      'didCompleteWithError'
    ])
    expect(recorded.order(download)).toEqual([
      'didCreateTask',
      'didStartTask',
      'didWriteData',
      'didFinishDownloading',
      'didFinishCollectingMetrics',
      'didCompleteWithError'
    ])
    const names = recorded.calls.map(({name, task: of}) => `${of === task ? 'data' : 'download'} ${name}`)
    expect(names.indexOf('data didCompleteWithError')).toBeLessThan(names.indexOf('download didStartTask'))
    expect(download.metrics?.transactionMetrics).toMatchObject([{status: 200}])
  })

  it('is told where the file will be, by the name the server gives, before a byte has come', async () => {
    const scenery = await openScenery()
    scenery.origin.on('/F', respond(200, {'content-disposition': 'attachment; filename=G'}, 'content'))
    let told: string | undefined
    const become = await scenery.become('/F', {
      delegate: {
        didBecomeDownload: (_task, download) => {
          told = download.path
        }
      }
    })
    await downloadOf(become).outcome
    expect(told).toBe(join(scenery.folder, 'G'))
    expect(scenery.files).toEqual(['G'])
  })

  it('keeps its slot: with one task at a time the download comes before those that wait', async () => {
    const scenery = await openScenery()
    scenery.origin.serve('/F', small)
    scenery.origin.on('/next', respond(200, {}, 'next'))
    const recorded = recordedSession(
      {maxParallelTasks: 1},
      {
        didReceiveResponse: task =>
          task.kind === 'data' && 'download' in task.options ? 'becomeDownload' : 'allow'
      }
    )
    const next = recorded.session.dataTask(urlRequest(scenery.origin.url('/next')), {priority: 1})
    const running = recorded.get(scenery.origin.url('/F'), {download: {directory: scenery.folder}})
    next.resume()
    const {task} = await running
    await next.outcome
    expect(downloadOf({task}).result).toMatchObject({state: 'completed'})
    expect(recorded.body(next).toString()).toBe('next')
  })

  it('goes on with Range where the connection breaks, and has every byte once', async () => {
    const scenery = await openScenery()
    scenery.origin.serve('/F', {...large, faults: [{cutAfter: 1_500_000}, {cutAfter: 400_000}]})
    const become = await scenery.become('/F', {configuration: {retry: {attempts: 2, delay: 0.01}}})
    expect(await downloadOf(become).outcome).toMatchObject({state: 'completed'})
    expect(readFileSync(scenery.target).equals(large.body)).toBe(true)
    expect(scenery.ranges).toEqual([undefined, 'bytes=1500000-', 'bytes=1900000-'])
    expect(become.recorded.count('taskWillReconnect', downloadOf(become))).toBe(2)
    expect(become.recorded.count('didReceiveResponse')).toBe(1)
  })

  it('goes on with what an earlier run left instead of fetching it again', async () => {
    const stage = await openStage({delegate: {didReceiveResponse: () => 'becomeDownload'}})
    await stage.interrupt(first, 600)
    const task = stage.session.dataTask(urlRequest(stage.origin.url('/F')), {
      download: {directory: stage.folder, fileName: 'F'}
    })
    task.resume()
    await task.outcome
    expect(await downloadOf({task}).outcome).toMatchObject({state: 'completed', path: stage.target})
    expect(stage.content).toBe(digestOf(first.body))
    expect(stage.ranges).toEqual([undefined, 'bytes=600-'])
    expect(stage.resumptions).toMatchObject([{offset: 600}])
  })

  it('follows redirections for both, and the metrics of the download know them', async () => {
    const scenery = await openScenery()
    scenery.origin.on('/moved', redirect(302, '/F'))
    scenery.origin.serve('/F', small)
    const become = await scenery.become('/moved')
    const download = downloadOf(become)
    expect(await download.outcome).toMatchObject({path: join(scenery.folder, 'moved')})
    expect(download.metrics?.redirectCount).toBe(1)
    expect(scenery.origin.requests).toHaveLength(2)
  })

  it('decodes what it has asked for encoded', async () => {
    const scenery = await openScenery()
    scenery.origin.on('/F', respond(200, {'content-encoding': 'gzip'}, gzipSync(small.body)))
    const become = await scenery.become('/F', {
      options: {decode: true, download: {directory: scenery.folder}}
    })
    expect(await downloadOf(become).outcome).toMatchObject({state: 'completed'})
    expect(readFileSync(scenery.target).equals(small.body)).toBe(true)
  })

  it('writes into a FIFO that has the name, without asking again', async () => {
    const scenery = await openScenery()
    scenery.origin.on('/F', respond(200, {'content-encoding': 'gzip'}, gzipSync(small.body)))
    execFileSync('mkfifo', [scenery.target])
    const read = buffer(createReadStream(scenery.target))
    const become = await scenery.become('/F', {
      options: {decode: true, download: {directory: scenery.folder}}
    })
    expect(await downloadOf(become).outcome).toMatchObject({state: 'completed', path: scenery.target})
    expect((await read).equals(small.body)).toBe(true)
    expect(scenery.origin.requests).toHaveLength(1)
    expect(become.recorded.count('didReceiveResponse')).toBe(1)
  })

  it('fails with DESTINATION_EXISTS and leaves a file that is there as it is', async () => {
    const scenery = await openScenery()
    scenery.origin.serve('/F', large)
    writeFileSync(scenery.target, 'mine')
    const become = await scenery.become('/F')
    expect(become.outcome).toMatchObject({state: 'completed'})
    expect(await downloadOf(become).outcome).toMatchObject({
      state: 'failed',
      error: {code: 'DESTINATION_EXISTS'}
    })
    expect(readFileSync(scenery.target, 'utf8')).toBe('mine')
    expect(scenery.files).toEqual(['F'])
  })

  it('has a download that cancel() ends without a trace, and cancelling the data task changes nothing', async () => {
    const scenery = await openScenery()
    scenery.origin.serve('/F', {...large, faults: [{stallAfter: 1_200_000}]})
    const become = await scenery.become('/F', {delegate: {didBecomeDownload: task => task.cancel()}})
    const download = downloadOf(become)
    expect(become.outcome).toMatchObject({state: 'completed'})
    await vi.waitFor(() => expect(download.countOfBytesReceived).toBe(1_200_000), patience)
    download.cancel()
    expect(await download.outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED'}})
    expect(scenery.files).toEqual([])
  })

  it('has a download that can be cancelled before it starts', async () => {
    const scenery = await openScenery()
    scenery.origin.serve('/F', small)
    const become = await scenery.become('/F', {
      delegate: {didBecomeDownload: (_task, download) => download.cancel()}
    })
    expect(await downloadOf(become).outcome).toMatchObject({state: 'cancelled'})
    expect(become.recorded.order(downloadOf(become))).toEqual(['didCreateTask', 'didCompleteWithError'])
    expect(existsSync(scenery.target)).toBe(false)
  })

  it('fails with USAGE where nobody said where a file would go, and takes no byte', async () => {
    const scenery = await openScenery()
    scenery.origin.serve('/F', small)
    const recorded = recordedSession({}, {didReceiveResponse: () => 'becomeDownload'})
    const {task, outcome} = await recorded.get(scenery.origin.url('/F'))
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'USAGE'}})
    expect(task.download).toBeUndefined()
    expect(recorded.count('didReceiveData')).toBe(0)
  })

  it('counts the time of the whole from its own start', async () => {
    const scenery = await openScenery()
    scenery.origin.serve('/F', {...large, faults: [{stallAfter: 1_200_000}]})
    const decide = async () => {
      await sleep(20)
      return 'becomeDownload' as const
    }
    const become = await scenery.become('/F', {
      configuration: {timeouts: {total: 0.3}},
      delegate: {didReceiveResponse: decide}
    })
    const download = downloadOf(become)
    expect(await download.outcome).toMatchObject({state: 'failed', error: {code: 'TIMED_OUT'}})
    expect(download.started).toBe(become.task.started)
  })
})
