import {existsSync, readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {openStage} from './resumable-stage.ts'
import {untilResumable} from './until-resumable.ts'

const versions = [3, 5, 6, 7, 8] as const

describe.each(versions)('an upload in interop version %i', interopVersion => {
  it('is the user’s own request where nothing goes wrong, and its answer is the target’s [U1]', async () => {
    const stage = await openStage({server: {interopVersion, target: () => ({status: 200, body: 'thanks'})}})
    const task = stage.start({method: 'POST', headers: [['Content-Type', 'text/plain']]})
    expect(await task.outcome).toMatchObject({state: 'completed', response: {status: 200}})
    expect(stage.recorded.body(task).toString()).toBe('thanks')
    expect(stage.story).toEqual(['create 200'])
    stage.expectWhole()
    const {request} = stage.only('create')
    expect(request.method).toBe('POST')
    expect(request.header('content-type')).toBe('text/plain')
    expect(request.header('upload-draft-interop-version')).toBe(String(interopVersion))
    expect(request.header('upload-complete')).toBe('?1')
    expect(request.header('upload-incomplete')).toBe(interopVersion === 3 ? '?0' : undefined)
    expect(request.header('upload-length')).toBe(interopVersion > 5 ? '200000' : undefined)
    expect(request.header('content-disposition')).toBeUndefined()
    expect(existsSync(stage.resumeData)).toBe(false)
  })

  it('goes on by itself where the connection broke, and no byte is stored twice [U8]', async () => {
    const faults = {create: [{after: 70_000, connection: 'reset' as const}]}
    const stage = await openStage({server: {interopVersion, faults}})
    expect(await stage.send()).toMatchObject({state: 'completed', response: {status: 201}})
    expect(stage.story).toEqual(['create', 'state 204', 'append 201'])
    stage.expectWhole()
  })

  it('says in an append where it begins and that it is the last one [U5]', async () => {
    const faults = {create: [{after: 70_000, connection: 'fin' as const}]}
    const stage = await openStage({server: {interopVersion, faults}})
    await stage.send({
      headers: [
        ['Content-Type', 'text/plain'],
        ['If-Match', '"v1"'],
        ['X-Own', 'mine']
      ]
    })
    const {request} = stage.only('append')
    expect(request.method).toBe('PATCH')
    expect(request.header('upload-offset')).toBe('70000')
    expect(request.header('upload-complete')).toBe('?1')
    expect(request.header('content-length')).toBe('130000')
    expect(request.header('content-type')).toBe(
      interopVersion === 3 ? undefined : 'application/partial-upload'
    )
    expect(request.header('if-match')).toBeUndefined()
    expect(request.header('x-own')).toBe('mine')
  })

  it('asks for the offset without saying one', async () => {
    const faults = {create: [{after: 70_000, connection: 'fin' as const}]}
    const stage = await openStage({server: {interopVersion, faults}})
    await stage.send()
    const {request} = stage.only('state')
    expect(request.method).toBe('HEAD')
    expect([...request.headers.keys()].filter(name => name.startsWith('upload-'))).toEqual([
      'upload-draft-interop-version'
    ])
  })

  it('begins with an empty request where it is told to be careful, and then sends everything [U9]', async () => {
    const stage = await openStage({server: {interopVersion, interim: 'withheld'}, uploads: {mode: 'careful'}})
    expect(await stage.send()).toMatchObject({state: 'completed'})
    expect(stage.story).toEqual(['create 201', 'append 201'])
    const {request} = stage.only('create')
    expect(request.header('content-length')).toBe('0')
    expect(request.header('upload-complete')).toBe('?0')
    stage.expectWhole()
  })

  it('ends on the server as well when it is cancelled [U7]', async () => {
    const faults = {create: [{after: 70_000, connection: 'stall' as const}]}
    const stage = await openStage({server: {interopVersion, faults}})
    const task = stage.start()
    await untilResumable(task)
    task.cancel()
    expect(await task.outcome).toMatchObject({state: 'cancelled'})
    expect(stage.only('cancel')).toMatchObject({status: 204})
    expect(stage.resource.isActive).toBe(false)
    expect(existsSync(stage.resumeData)).toBe(false)
  })

  it('is continued by another task from where the server is [U4]', async () => {
    const faults = {create: [{after: 70_000, connection: 'stall' as const}]}
    const stage = await openStage({server: {interopVersion, faults}})
    const task = stage.start()
    await untilResumable(task)
    await stage.server.of('create')[0]?.request.untilReceived(70_000)
    expect(await task.cancelByProducingResumeData()).toBe(stage.resumeData)
    expect(await stage.send()).toMatchObject({state: 'completed'})
    expect(stage.story).toEqual(['create', 'state 204', 'append 201'])
    stage.expectWhole()
  })

  it('is over where the server has got everything and only its answer was lost', async () => {
    const stage = await openStage({server: {interopVersion, faults: {create: [{connection: 'reset'}]}}})
    expect(await stage.send()).toMatchObject({state: 'completed'})
    expect(stage.story).toEqual(['create', 'state 204'])
    stage.expectWhole()
  })

  it('has an answer that is the target’s own word, whatever its status [U6]', async () => {
    const faults = {create: [{after: 70_000, connection: 'reset' as const}]}
    const target = () => ({status: 422, body: 'not a picture'})
    const stage = await openStage({server: {interopVersion, faults, target}})
    const outcome = await stage.send()
    expect(outcome).toMatchObject({
      state: 'failed',
      error: {code: 'HTTP_STATUS', status: 422, body: 'not a picture'}
    })
    expect(stage.story).toEqual(['create', 'state 204', 'append 422'])
  })
})

it.each([6, 7, 8] as const)(
  'does not try again what the target has answered with 503, in version %i [U6]',
  async interopVersion => {
    const stage = await openStage({server: {interopVersion, target: () => ({status: 503})}})
    expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 503}})
    expect(stage.story).toEqual(['create 503'])
    expect(existsSync(stage.resumeData)).toBe(false)
  }
)

it('goes on after an answer of 503 that does not come from the target [U6]', async () => {
  const faults = {create: [{after: 70_000, status: 503}], append: [{after: 50_000, status: 500}]}
  const stage = await openStage({server: {faults}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['create 503', 'state 204', 'append 500', 'state 204', 'append 201'])
  stage.expectWhole()
})

it('stops at a refusal that does not pass, and can be continued when its cause is gone [U6]', async () => {
  const faults = {create: [{after: 70_000, connection: 'fin' as const}], append: [{after: 0, status: 403}]}
  const stage = await openStage({server: {faults}})
  expect(await stage.send()).toMatchObject({
    state: 'failed',
    error: {code: 'HTTP_STATUS', status: 403},
    resumeData: stage.resumeData
  })
  expect(stage.story).toEqual(['create', 'state 204', 'append 403'])
  expect(await stage.send()).toMatchObject({state: 'completed'})
  stage.expectWhole()
})

it('is one plain request for a server that knows nothing of all this, and pausing is refused [3F 114]', async () => {
  const stage = await openStage({
    server: {faults: {plain: [{lateBy: 300}]}},
    uploads: {interopVersion: 6}
  })
  const task = stage.start()
  await stage.server.origin.untilRequests(1)
  expect(await task.cancelByProducingResumeData()).toBeUndefined()
  expect(await task.outcome).toMatchObject({state: 'completed', response: {status: 201}})
  expect(stage.story).toEqual(['plain 201'])
  expect(stage.server.plain[0]?.content.equals(stage.content)).toBe(true)
})

it('is broken off and continued, each byte stored once [3F 115]', async () => {
  const faults = {
    create: [{after: 70_000, connection: 'reset' as const}],
    append: [
      {after: 1, connection: 'reset' as const},
      {after: 30_000, connection: 'fin' as const}
    ]
  }
  const stage = await openStage({server: {interopVersion: 6, faults}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.resource.stored.map(({first}) => first)).toEqual([0, 70_000, 70_001, 100_001])
  stage.expectWhole()
})

it.each([5, 6, 7, 8] as const)(
  'goes in pieces where more is not taken at once, in version %i [3F 116]',
  async version => {
    const stage = await openStage({server: {interopVersion: version, limits: {maxAppendSize: 90_000}}})
    expect(await stage.send()).toMatchObject({state: 'completed', response: {status: 201}})
    const part = version === 5 ? 'append 201' : 'append 204'
    expect(stage.story).toEqual(['create 413', 'create 201', part, 'append 201'])
    expect(stage.resource.stored.map(({end}) => end)).toEqual([90_000, 180_000, 200_000])
    stage.expectWhole()
  }
)

it('is written down before the server has got all of it, and only then it can be paused [U2]', async () => {
  const faults = {create: [{after: 70_000, connection: 'stall' as const}]}
  const stage = await openStage({server: {faults}})
  const task = stage.start()
  expect(task.isResumable).toBe(false)
  await untilResumable(task)
  const record = JSON.parse(readFileSync(stage.resumeData, 'utf8')) as {parts: unknown}
  const url = stage.server.url(stage.resource.path)
  expect(record.parts).toEqual([{url, first: 0, length: 200_000}])
})
