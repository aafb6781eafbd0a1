import {existsSync, readFileSync, utimesSync, writeFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import {respond} from '../../origin/handlers.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {speak} from './chosen-protocol.ts'
import {answered, complete, fails, hangs, has, named} from './fake-protocol.ts'
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
  stage.origin.on('/U', respond(201, {}, 'stored'))
})

describe('the resume data of an upload', () => {
  it('is on disk, whole and for this user alone, before the protocol goes on [U2]', async () => {
    let seen: unknown
    speak(
      named('/r', walk => {
        seen = stage.record
        return answered(walk)
      })
    )
    await stage.upload({method: 'POST', headers: [['Content-Type', 'text/x']], label: 'mine'})
    expect(seen).toMatchObject({
      kind: 'upload',
      state: 'active',
      label: 'mine',
      protocol: 'ietf',
      interopVersion: 8,
      originalRequest: {
        url: stage.origin.url('/U'),
        method: 'POST',
        headers: [['Content-Type', 'text/x']],
        omittedHeaders: []
      },
      parts: [{url: stage.origin.url('/r'), first: 0, length: 1000}],
      source: {path: stage.file, size: 1000, lifetime: 'user'},
      prefix: {length: 0}
    })
  })

  it('is gone when the server has said its last word, and the index of tasks was told both', async () => {
    speak(named('/r', answered))
    const outcome = await stage.upload()
    expect(outcome).toMatchObject({state: 'completed', response: {status: 201}})
    expect(stage.files).toEqual([])
    expect(stage.updates).toEqual([expect.stringContaining(stage.records), undefined])
  })

  it('names headers that may be secret, and does not hold them', async () => {
    speak(named('/r', fails('CONNECT_FAILED')))
    await stage.upload({
      headers: [
        ['X-Token', 'abc'],
        ['Accept-Language', 'de']
      ]
    })
    expect(stage.record.originalRequest).toMatchObject({
      headers: [['Accept-Language', 'de']],
      omittedHeaders: ['X-Token']
    })
  })

  it('is left by a failure, with the beginning that was sent', async () => {
    speak(named('/r', has(400, fails('CONNECT_FAILED'))))
    const outcome = await stage.upload()
    expect(outcome).toMatchObject({
      state: 'failed',
      error: {code: 'CONNECT_FAILED'},
      resumeData: stage.recordPath
    })
    expect(stage.record).toMatchObject({state: 'failed', prefix: {length: 400}})
  })

  it.each([
    {case: 'an ephemeral session', kind: 'ephemeral', scene: {}},
    {case: '--no-resume', kind: 'default', scene: {resuming: 'never'}}
  ] as const)('is not written for $case, and what the server has is given up', async ({kind, scene}) => {
    stage = await openWalkStage({kind})
    const protocol = speak(named('/r', fails('CONNECT_FAILED')))
    const outcome = await stage.upload(scene)
    expect(outcome.resumeData).toBeUndefined()
    expect(stage.files).toEqual([])
    expect(protocol.calls).toEqual(['create', 'cancel /r'])
  })
})

it('is sent, but cannot be paused, where the folder for its resume data cannot be made', async () => {
  let isResumable: boolean | undefined
  speak(
    named('/r', walk => {
      isResumable = walk.task.isResumable
      return answered(walk)
    })
  )
  const resumeDataFolder = join(stage.file, 'impossible')
  expect(await stage.upload({resumeDataFolder})).toMatchObject({state: 'completed'})
  expect(isResumable).toBe(false)
  const resumeDataPath = join(resumeDataFolder, 'R.ferry')
  expect(await stage.upload({resumeDataPath})).toMatchObject({state: 'failed', error: {code: 'WRITE_FAILED'}})
})

describe('an upload that was interrupted', () => {
  it('goes on by itself after a momentary drop, and asks first what the server has [U8]', async () => {
    stage = await openWalkStage({configuration: {retry: {attempts: 2, delay: 0.001}}})
    stage.origin.on('/U', respond(201))
    const protocol = speak(named('/r', fails('SEND_FAILED')), has(400), answered)
    const outcome = await stage.upload({method: 'POST'})
    expect(outcome.state).toBe('completed')
    expect(protocol.calls).toEqual(['create', 'proceed from unknown', 'proceed from 400'])
    expect(stage.origin.requests[0]?.body).toEqual(stage.content.subarray(400))
  })

  it('counts attempts anew when the server has more than before', async () => {
    stage = await openWalkStage({configuration: {retry: {attempts: 1, delay: 0.001}}})
    stage.origin.on('/U', respond(201))
    const drops = [200, 400, 600, 800].map(offset => has(offset, fails('SEND_FAILED')))
    speak(named('/r', fails('SEND_FAILED')), ...drops, answered)
    expect((await stage.upload()).state).toBe('completed')
  })

  it('is continued by the same command, from where the server is [U4]', async () => {
    const path = relative('', stage.file)
    await interrupt(stage, {path})
    stage.sent.length = 0
    const protocol = speak(has(300), answered)
    const task = stage.start({path})
    expect(await task.outcome).toMatchObject({state: 'completed'})
    expect(task).toMatchObject({resumedFrom: 300, restarted: false, countOfBytesSent: 1000})
    expect(protocol.calls).toEqual(['proceed from unknown', 'proceed from 300'])
    expect(stage.origin.requests[0]?.body).toEqual(stage.content.subarray(300))
    expect(stage.resumptions).toMatchObject([{offset: 300, expectedTotalBytes: 1000}])
    expect(stage.sent.map(({bytesSent}) => bytesSent).reduce((sum, bytes) => sum + bytes)).toBe(700)
    expect(stage.sent.at(-1)?.totalBytesSent).toBe(1000)
    expect(stage.files).toEqual([])
  })

  it('is continued by its resume data, with the same request', async () => {
    await interrupt(stage, {method: 'POST', headers: [['Accept-Language', 'de']]})
    speak(has(400), answered)
    expect(await stage.resume()).toMatchObject({state: 'completed'})
    expect(stage.origin.requests[0]).toMatchObject({method: 'POST'})
    expect(stage.origin.requests[0]?.header('accept-language')).toBe('de')
    expect(stage.files).toEqual([])
  })

  it('is continued after a crash, which leaves a lock and resume data of a task that is active', async () => {
    speak(named('/r', has(400, hangs)))
    const crashed = stage.start()
    await untilResumable(crashed)
    const left = stage.files.map(name => join(stage.records, name))
    const contents = left.map(path => readFileSync(path, 'utf8'))
    crashed.cancel()
    await crashed.outcome
    for (const [index, path] of left.entries()) {
      writeFileSync(path, contents[index]?.replace(/"startTime":"\d+"/, '"startTime":"1"') ?? '')
    }
    expect(left).toHaveLength(2)
    expect(stage.record.state).toBe('active')
    const protocol = speak(has(400), answered)
    expect(await stage.upload()).toMatchObject({state: 'completed'})
    expect(protocol.calls).toEqual(['proceed from unknown', 'proceed from 400'])
    expect(stage.files).toEqual([])
  })

  it('is not continued by another command, whose upload is its own', async () => {
    await interrupt(stage)
    const protocol = speak(answered)
    expect(await stage.upload({headers: [['X-Other', 'yes']]})).toMatchObject({state: 'completed'})
    expect(protocol.calls).toEqual(['create'])
    expect(stage.names).toHaveLength(1)
  })

  it('needs nothing more where the server has everything already', async () => {
    await interrupt(stage)
    // On a slow machine the progress of the first task was told as well.
    stage.sent.length = 0
    speak(has(1000, complete))
    expect(await stage.upload()).toMatchObject({state: 'completed', note: 'alreadyComplete'})
    expect(stage.sent).toEqual([])
    expect(stage.files).toEqual([])
  })

  it.each([
    {case: 'is longer', size: 1001, time: 1000},
    {case: 'was touched', size: 1000, time: 1001}
  ])('is refused when the file $case, and keeps its resume data [U4]', async ({size, time}) => {
    utimesSync(stage.file, 1000, 1000)
    await interrupt(stage)
    writeFileSync(stage.file, Buffer.concat([stage.content, Buffer.from('x')]).subarray(0, size))
    utimesSync(stage.file, time, time)
    const protocol = speak(answered)
    const outcome = await stage.upload()
    expect(outcome).toMatchObject({
      state: 'failed',
      error: {code: 'SOURCE_CHANGED'},
      resumeData: stage.recordPath
    })
    expect(protocol.calls).toEqual([])
    await expect(stage.resume()).rejects.toMatchObject({code: 'SOURCE_CHANGED'})
    expect(stage.record.state).toBe('paused')
  })

  it('is refused when the file has other bytes under the same size and time', async () => {
    utimesSync(stage.file, 1000, 1000)
    await interrupt(stage)
    writeFileSync(stage.file, seededBytes(1000, 9))
    utimesSync(stage.file, 1000, 1000)
    const protocol = speak(answered)
    expect(await stage.upload()).toMatchObject({error: {code: 'SOURCE_CHANGED'}})
    expect(await stage.resume()).toMatchObject({error: {code: 'SOURCE_CHANGED'}})
    expect(protocol.calls).toEqual([])
    expect(stage.record.state).toBe('paused')
  })

  it('is sent from zero with other bytes where that is asked for, and the server forgets the rest', async () => {
    await interrupt(stage)
    writeFileSync(stage.file, seededBytes(500, 9))
    const protocol = speak(answered)
    expect(await stage.resume({whenLost: 'restart'})).toMatchObject({state: 'completed'})
    expect(protocol.calls).toEqual(['cancel /r', 'create'])
    expect(stage.origin.requests[0]?.body).toEqual(seededBytes(500, 9))
    expect(stage.files).toEqual([])
  })
})

describe('a source that was made for one upload', () => {
  it('stays as long as the upload can be continued, and goes with its end', async () => {
    await interrupt(stage, {lifetime: 'task'})
    expect(existsSync(stage.file)).toBe(true)
    speak(has(400), answered)
    expect(await stage.resume()).toMatchObject({state: 'completed'})
    expect(existsSync(stage.file)).toBe(false)
  })
})
