import {describe, expect, it, onTestFinished} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {digestOf, first, openStage} from './download/stage.ts'
import {recordedSession} from './recorded-session.ts'
import {openStage as openUploadStage} from './upload/resumable-stage.ts'
import {untilResumable} from './upload/until-resumable.ts'

const overdue = 'The whole task took longer than 3600 s'
const request = urlRequest('http://127.0.0.1:1/')

describe('A task that an earlier process began', () => {
  it('keeps its id, whatever kind of task it is [R22]', () => {
    const {session} = recordedSession()
    expect(session.dataTask(request, {id: 'mwq1v59w0hq0001'}).id).toBe('mwq1v59w0hq0001')
    const options = {directory: scratchFolder(), id: 'mwq1v59w0hq0002'}
    expect(session.downloadTask(request, options).id).toBe('mwq1v59w0hq0002')
    const source = {kind: 'data', data: Buffer.from('x')} as const
    expect(session.uploadTask(request, {source, id: 'mwq1v59w0hq0003'}).id).toBe('mwq1v59w0hq0003')
    expect(session.dataTask(request).id).toMatch(/^[0-9a-z]{15,}$/)
  })

  it.each(['', '../../F', 'a/bcdef', '.abcdef', 'a bcdef', 'abcdef\n', 'ABCDEF', 'abcde', 'x'.repeat(41)])(
    'has no id that could be anything but one: %j',
    id => {
      const {session} = recordedSession()
      expect(() => session.dataTask(request, {id})).toThrow(expect.objectContaining({code: 'USAGE'}))
      expect(session.tasks).toEqual([])
    }
  )

  it('is not there twice: an id is refused as long as another task of the session has it [R22]', () => {
    const {session} = recordedSession()
    const task = session.dataTask(request, {id: 'goeson1'})
    expect(() => session.dataTask(request, {id: 'goeson1'})).toThrow(expect.objectContaining({code: 'USAGE'}))
    task.cancel()
    expect(session.dataTask(request, {id: 'goeson1'}).id).toBe('goeson1')
  })

  it.each([-1, Number.NaN, Infinity])('cannot have used up a time that is none: %d', spent => {
    const {session} = recordedSession()
    expect(() => session.dataTask(request, {spent})).toThrow(expect.objectContaining({code: 'USAGE'}))
  })

  it('goes on from resume data under its id, with what is left of its time [R27, P4]', async () => {
    const stage = await openStage({configuration: {timeouts: {total: 3600}}})
    await stage.interrupt(first, 300)
    stage.origin.serve('/F', {...first, fault: {stallAfter: 100}})
    const options = {id: 'goeson1', spent: 3_599_000}
    const task = await stage.session.downloadTaskWithResumeData(stage.resumeData, {options})
    expect(task.id).toBe('goeson1')
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'failed', error: {message: overdue}})
    expect(task.countOfBytesReceived).toBe(400)
    stage.origin.serve('/F', first)
    expect(await stage.resume({options: {id: 'goeson1'}})).toMatchObject({state: 'completed'})
    expect(stage.content).toBe(digestOf(first.body))
  })

  it('has no time left where it has used up more than there was, and says no more about it [P4]', async () => {
    const warned: string[] = []
    const note = ({message}: Error): void => void warned.push(message)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    const {session} = recordedSession({timeouts: {total: 3600}, waitsForConnectivity: true})
    const task = session.dataTask(request, {spent: 4_000_000})
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'failed', error: {message: overdue}})
    expect(warned).toEqual([])
  })

  it('is refused from resume data, too, under an id that is taken, and the data stays as it is [R27]', async () => {
    const stage = await openStage()
    await stage.interrupt(first, 300)
    const continued = () =>
      stage.session.downloadTaskWithResumeData(stage.resumeData, {options: {id: 'goeson1'}})
    await continued()
    await expect(continued()).rejects.toMatchObject({code: 'USAGE'})
    expect(stage.record).toMatchObject({state: 'paused', bytesReceived: 300})
  })

  it('goes on as an upload under its id, with what is left of its time [U4, P4]', async () => {
    const faults = {create: [{after: 70_000, connection: 'stall' as const}]}
    const stage = await openUploadStage({
      server: {faults},
      configuration: {timeouts: {total: 3600, idle: 3600}}
    })
    const paused = stage.start()
    await untilResumable(paused)
    await paused.cancelByProducingResumeData()
    const {session} = stage.recorded
    const spentAll = {id: 'goeson1', spent: 3_600_000}
    const late = await session.uploadTaskWithResumeData(stage.resumeData, {options: spentAll})
    late.resume()
    expect(await late.outcome).toMatchObject({state: 'failed', error: {message: overdue}})
    const task = await session.uploadTaskWithResumeData(stage.resumeData, {options: {id: 'goeson1'}})
    expect(task.id).toBe('goeson1')
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'completed'})
    stage.expectWhole()
  })
})
