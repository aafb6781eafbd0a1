import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import type {WriteProgress} from '../../src/engine/index.ts'
import {redirect, respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {recordedSession} from './recorded-session.ts'
import type {RecordedSession} from './recorded-session.ts'

function progressOf(recorded: RecordedSession): WriteProgress[] {
  return recorded.calls.filter(({name}) => name === 'didWriteData').map(({value}) => value as WriteProgress)
}

describe('the delegate of a data task', () => {
  it('is told everything in order, each end once [R50, R19, 3A 8, 3A 54, 3D 103]', async () => {
    await using origin = await startOrigin()
    origin.on('/a', redirect(302, '/b'))
    origin.script('/b', [respond(503), respond(200, {}, 'Nepal')])
    const recorded = recordedSession({retry: {attempts: 1}})
    const {task, body} = await recorded.get(origin.url('/a'))
    expect(body.toString()).toBe('Nepal')
    expect(recorded.order(task)).toEqual([
      'didCreateTask',
      'didStartTask',
      'didDecideRedirection',
      'taskIsWaiting',
      'didDecideRedirection',
      'didReceiveResponse',
      'didReceiveData',
      'didWriteData',
      'didFinishCollectingMetrics',
      'didCompleteWithError'
    ])
  })

  it('that refuses the response ends the task once, as cancelled, without a byte [R41, 3C 93]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {}, 'unwanted'))
    const recorded = recordedSession({}, {didReceiveResponse: () => 'cancel'})
    const {task, outcome} = await recorded.get(origin.url('/'))
    expect(outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED'}})
    expect(recorded.count('didReceiveResponse', task)).toBe(1)
    expect(recorded.count('didReceiveData', task)).toBe(0)
    expect(recorded.count('didCompleteWithError', task)).toBe(1)
  })

  it('may take its time for the response: no body and no deadline passes meanwhile [P3, R41]', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: seededBytes(200_000, 3)})
    const answer = Promise.withResolvers<'allow'>()
    const recorded = recordedSession({timeouts: {idle: 0.1}}, {didReceiveResponse: () => answer.promise})
    const running = recorded.get(origin.url('/'))
    setTimeout(() => answer.resolve('allow'), 300)
    const {outcome, body} = await running
    expect(outcome.state).toBe('completed')
    expect(body.equals(seededBytes(200_000, 3))).toBe(true)
  })

  it('that throws fails the task and no other [R50]', async () => {
    await using origin = await startOrigin()
    origin.on('*', respond(200, {}, 'x'))
    const recorded = recordedSession(
      {},
      {
        didReceiveData: task => {
          if (task.originalRequest.url.pathname === '/bad') throw new Error('thrown by the delegate')
        }
      }
    )
    const [bad, good] = await Promise.all(['/bad', '/good'].map(path => recorded.get(origin.url(path))))
    expect(bad?.outcome.state).toBe('failed')
    expect(bad?.outcome.error?.message).toContain('thrown by the delegate')
    expect(good?.outcome.state).toBe('completed')
  })
})

describe('the delegate of a download task', () => {
  it('is told of the file once it is there, and of the end after that [R20, R45, 3A 13, 3A 14, 3A 18, 3A 19, 3D 103]', async () => {
    await using origin = await startOrigin()
    const body = seededBytes(300_000, 5)
    origin.serve('/country.txt', {body})
    const recorded = recordedSession()
    const request = urlRequest(origin.url('/country.txt'), {headers: [['X', '1']]})
    const task = recorded.session.downloadTask(request, {directory: scratchFolder()})
    task.resume()
    const outcome = await task.outcome
    expect(outcome).toMatchObject({state: 'completed', response: {status: 200}})
    expect(readFileSync(outcome.path ?? '').equals(body)).toBe(true)
    expect(recorded.order(task)).toEqual([
      'didCreateTask',
      'didStartTask',
      'didReceiveResponse',
      'didWriteData',
      'didFinishDownloading',
      'didFinishCollectingMetrics',
      'didCompleteWithError'
    ])
    expect(progressOf(recorded).at(-1)).toMatchObject({
      totalBytesWritten: body.length,
      totalBytesExpectedToWrite: body.length
    })
  })

  it('sees progress that only grows, in pieces that add up to the whole [3D 102, 3E 113]', async () => {
    await using origin = await startOrigin()
    origin.serve('/f', {body: seededBytes(60_000, 5), fault: {limit: 150_000}})
    const recorded = recordedSession()
    const task = recorded.session.downloadTask(urlRequest(origin.url('/f')), {directory: scratchFolder()})
    task.resume()
    await task.outcome
    const progress = progressOf(recorded)
    const totals = progress.map(({totalBytesWritten}) => totalBytesWritten)
    expect(totals.length).toBeGreaterThan(1)
    expect(totals).toEqual(totals.toSorted((one, other) => one - other))
    expect(progress.reduce((sum, {bytesWritten}) => sum + bytesWritten, 0)).toBe(60_000)
    expect(totals.at(-1)).toBe(60_000)
  })

  it('is told of a cancelled one only that it ended [3D 97, 3D 102, 3D 103, R56]', async () => {
    await using origin = await startOrigin()
    origin.serve('/f', {body: seededBytes(60_000, 5), entityTag: '"1"', fault: {stallAfter: 30_000}})
    const directory = scratchFolder()
    const recorded = recordedSession()
    const task = recorded.session.downloadTask(urlRequest(origin.url('/f')), {directory})
    task.resume()
    await origin.untilRequests(1)
    while (task.countOfBytesReceived < 30_000) await new Promise(resolve => setTimeout(resolve, 5))
    task.cancel()
    const outcome = await task.outcome
    expect(outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED'}})
    expect(outcome.resumeData).toBeUndefined()
    expect(recorded.count('didFinishDownloading', task)).toBe(0)
    expect(recorded.order(task).slice(-2)).toEqual(['didFinishCollectingMetrics', 'didCompleteWithError'])
  })

  it('gets metrics of every request, for failed tasks as well [P31, wrong 16]', async () => {
    await using origin = await startOrigin()
    origin.on('/a', redirect(302, '/b'))
    origin.on('/b', respond(404, {}, 'no'))
    const {task} = await recordedSession().get(origin.url('/a'))
    expect(task.metrics).toMatchObject({
      redirectCount: 1,
      transactionMetrics: [
        {status: 302, isReusedConnection: false, networkProtocolName: 'http/1.1'},
        {status: 404, isReusedConnection: true, connectEnd: undefined}
      ]
    })
    expect(task.metrics?.transactionMetrics[0]?.connectEnd).toBeTypeOf('number')
  })
})
