import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import {cancelUpload, urlRequest} from '../../../src/engine/index.ts'
import {writeResumeData} from '../../../src/engine/resume-data.ts'
import {respond} from '../../origin/handlers.ts'
import {patience} from '../../scratch/patience.ts'
import {speak} from './chosen-protocol.ts'
import {answered, hangs, has, named} from './fake-protocol.ts'
import {interrupt} from './interrupt.ts'
import {untilResumable} from './until-resumable.ts'
import {openWalkStage} from './walk-stage.ts'
import type {WalkStage} from './walk-stage.ts'

vi.mock(
  '../../../src/engine/upload/protocols.ts',
  async () => (await import('./chosen-protocol.ts')).protocols
)

let stage: WalkStage

beforeEach(async () => {
  stage = await openWalkStage()
  stage.origin.on('/U', respond(201))
})

describe('pausing an upload', () => {
  it('leaves resume data for this user alone, and ends as paused without an error', async () => {
    speak(named('/r', has(400, hangs)))
    const task = stage.start()
    await untilResumable(task)
    const path = await task.cancelByProducingResumeData()
    expect(await task.outcome).toMatchObject({state: 'paused', resumeData: path})
    expect((await task.outcome).error).toBeUndefined()
    expect(stage.record).toMatchObject({state: 'paused', prefix: {length: 400}, taskId: task.id})
    expect(statSync(stage.recordPath).mode & 0o777).toBe(0o600)
    expect(stage.files).toEqual(stage.names)
  })

  it('is refused before the server has named an upload, which goes on [U7]', async () => {
    const protocol = speak(hangs)
    const task = stage.start()
    await vi.waitFor(() => expect(protocol.calls).toEqual(['create']), patience)
    expect(task.isResumable).toBe(false)
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
    expect(task.state).toBe('running')
    expect(await task.cancelByProducingResumeData('cancel')).toBeUndefined()
    expect(await task.outcome).toMatchObject({state: 'cancelled'})
    expect(stage.files).toEqual([])
  })

  it('is refused for what cannot be continued, as a stream, which goes on [U7]', async () => {
    const gate = Promise.withResolvers<void>()
    stage.origin.on('/U', (_request, reply) => reply.waitFor(gate.promise).then(() => reply.respond(200)))
    const request = urlRequest(stage.origin.url('/U'), {method: 'PUT'})
    const data = Buffer.from('content')
    const task = stage
      .session()
      .uploadTask(request, {source: {kind: 'data', data}, resumeDataFolder: stage.records})
    task.resume()
    await stage.origin.untilRequests(1)
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
    gate.resolve()
    expect(await task.outcome).toMatchObject({state: 'completed'})
  })

  it('is refused once the server has everything, and its answer is on the way', async () => {
    const gate = Promise.withResolvers<void>()
    stage.origin.on('/U', async (_request, reply) => {
      await reply.head(200, {'content-length': '4'})
      await reply.waitFor(gate.promise)
      await reply.write('done')
      return reply.end()
    })
    speak(named('/r', answered))
    const task = stage.start()
    await vi.waitFor(() => expect(task.response?.status).toBe(200), patience)
    await vi.waitFor(() => expect(task.isResumable).toBe(false), patience)
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
    gate.resolve()
    expect(await task.outcome).toMatchObject({state: 'completed'})
    expect(stage.files).toEqual([])
  })

  it('keeps the last word of the time for the whole: it ends as failed, and can be continued [U8]', async () => {
    stage = await openWalkStage({configuration: {timeouts: {total: 0.05}}})
    speak(named('/r', hangs))
    expect(await stage.upload()).toMatchObject({
      state: 'failed',
      error: {code: 'TIMED_OUT'},
      resumeData: stage.recordPath
    })
  })

  it('finds the beginning hashed a little further now and then while it is sent', async () => {
    speak(named('/r', has(400, hangs)))
    const task = stage.start()
    await untilResumable(task)
    await vi.waitFor(() => expect(stage.record.prefix.length).toBe(400), patience)
    expect(stage.record.state).toBe('active')
    task.cancel()
    await task.outcome
  })
})

describe('cancelling an upload', () => {
  it('makes the server forget it, and leaves nothing [U7]', async () => {
    const protocol = speak(named('/r', hangs))
    const task = stage.start({lifetime: 'task'})
    await untilResumable(task)
    task.cancel()
    expect(await task.outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED'}})
    expect(protocol.calls).toEqual(['create', 'cancel /r'])
    expect(stage.files).toEqual([])
    expect(existsSync(stage.file)).toBe(false)
    expect(stage.updates.at(-1)).toBeUndefined()
  })

  it('works for a paused one from its resume data, with the copy that was made for it', async () => {
    await interrupt(stage, {lifetime: 'task'})
    const protocol = speak(hangs)
    await cancelUpload(stage.session(), stage.recordPath)
    expect(protocol.calls).toEqual(['cancel /r'])
    expect(stage.files).toEqual([])
    expect(existsSync(stage.file)).toBe(false)
  })

  it('leaves a file of the user where it is', async () => {
    await interrupt(stage)
    speak(hangs)
    await cancelUpload(stage.session(), stage.recordPath)
    expect(readFileSync(stage.file)).toEqual(stage.content)
  })

  it('refuses what others have signed, and what is under way', async () => {
    await interrupt(stage)
    const foreign = join(stage.folder, 'foreign.ferry')
    const {integrity: _hash, signature: _mark, ...data} = stage.record as never as Record<string, unknown>
    await writeResumeData(foreign, data as never, {key: Buffer.alloc(32, 1), flush: 'none'})
    await expect(cancelUpload(stage.session(), foreign)).rejects.toMatchObject({code: 'RESUME_DATA_INVALID'})
    await expect(stage.resume({}, foreign)).rejects.toMatchObject({code: 'RESUME_DATA_INVALID'})
    speak(has(400, hangs))
    const task = stage.start()
    await untilResumable(task)
    await expect(cancelUpload(stage.session(), stage.recordPath)).rejects.toMatchObject({code: 'BUSY'})
    await expect(stage.resume()).rejects.toMatchObject({code: 'BUSY'})
    expect(existsSync(foreign)).toBe(true)
  })
})

describe('two uploads of one file to one place', () => {
  it('do not share their resume data: the second has a name of its own', async () => {
    speak(named('/r', hangs))
    const tasks = [stage.start(), stage.start()]
    for (const task of tasks) await untilResumable(task)
    expect(new Set(tasks.map(task => task.resumeData)).size).toBe(2)
    const paths = await Promise.all(tasks.map(task => task.cancelByProducingResumeData()))
    expect(stage.names.map(name => join(stage.records, name)).sort()).toEqual([...paths].sort())
    expect(stage.files).toEqual(stage.names)
  })

  it('do not share resume data that the user has named: the second is refused', async () => {
    const resumeDataPath = join(stage.folder, 'mine.ferry')
    speak(named('/r', hangs))
    const first = stage.start({resumeDataPath})
    await untilResumable(first)
    expect(await stage.upload({resumeDataPath})).toMatchObject({state: 'failed', error: {code: 'BUSY'}})
    expect(await first.cancelByProducingResumeData()).toBe(resumeDataPath)
  })

  it('may name resume data of the other one only to be refused', async () => {
    const resumeDataPath = join(stage.folder, 'mine.ferry')
    await interruptAt(resumeDataPath)
    const outcome = await stage.upload({resumeDataPath, method: 'POST'})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'RESUME_DATA_INVALID'}})
    expect(existsSync(resumeDataPath)).toBe(true)
  })

  it('do not take away a copy that the other still sends', async () => {
    await interrupt(stage, {lifetime: 'task'})
    const second = await stage.session().uploadTaskWithResumeData(stage.recordPath)
    speak(has(400, hangs))
    const first = await stage.session().uploadTaskWithResumeData(stage.recordPath)
    first.resume()
    await untilResumable(first)
    second.resume()
    expect(await second.outcome).toMatchObject({state: 'failed', error: {code: 'BUSY'}})
    expect(existsSync(stage.file)).toBe(true)
    await first.cancelByProducingResumeData()
  })

  it('cannot continue what the other has used up', async () => {
    await interrupt(stage)
    const session = stage.session()
    const path = stage.recordPath
    const second = await session.uploadTaskWithResumeData(path)
    speak(has(400, answered))
    expect(await stage.resume({}, path)).toMatchObject({state: 'completed'})
    second.resume()
    expect(await second.outcome).toMatchObject({state: 'failed', error: {code: 'RESUME_DATA_INVALID'}})
    await expect(stage.resume({}, path)).rejects.toMatchObject({code: 'RESUME_DATA_INVALID'})
  })

  async function interruptAt(resumeDataPath: string): Promise<void> {
    speak(named('/r', hangs))
    const task = stage.start({resumeDataPath})
    await untilResumable(task)
    await task.cancelByProducingResumeData()
  }
})

it('passes by what is damaged under the name of its resume data, and leaves it there', async () => {
  await interrupt(stage)
  const path = stage.recordPath
  writeFileSync(path, '{}')
  const protocol = speak(named('/s', answered))
  expect(await stage.upload()).toMatchObject({state: 'completed'})
  expect(protocol.calls).toEqual(['create'])
  expect(readFileSync(path, 'utf8')).toBe('{}')
})
