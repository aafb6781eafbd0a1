import {describe, expect, it, vi} from 'vitest'
import {divide} from '../../src/engine/upload/tus-parts.ts'
import type {Handler} from '../origin/connection.ts'
import {respond} from '../origin/handlers.ts'
import {patience} from '../scratch/patience.ts'
import {fill, openTusScene} from './tus-scene.ts'
import type {TusScene} from './tus-scene.ts'

const mebibyte = 1024 * 1024
const size = 3 * mebibyte + 1
const connections = 3
const reset: Handler = (_request, reply) => reply.reset()

async function open(): Promise<TusScene & {content: Buffer}> {
  const scene = await openTusScene()
  scene.tus.offer = {extensions: 'creation,concatenation,termination'}
  return {...scene, content: fill(scene, size)}
}

/** Takes so much of the content that comes to a path, and says nothing more. */
function keepAndStall({tus}: TusScene, bytes: Readonly<Record<string, number>>): Handler {
  return async (request, reply) => {
    const kept = tus.kept.get(request.path)
    if (kept) kept.content = request.body.subarray(0, bytes[request.path])
    await reply.stall()
  }
}

function expectJoined({tus, content}: TusScene & {content: Buffer}): void {
  expect(tus.joined).toHaveLength(1)
  expect([...tus.kept.values()].at(-1)?.content.equals(content)).toBe(true)
}

function bytesSent({tus}: TusScene): number {
  return tus.requestsWith('PATCH').reduce((sum, {bodyLength}) => sum + bodyLength, 0)
}

describe('an upload in parts, to a server of tus that can join them', () => {
  it('sends each part on a connection of its own, and joins them in order', async () => {
    const scene = await open()
    const {stage, tus} = scene
    const task = stage.start({connections})
    await expect(task.outcome).resolves.toMatchObject({state: 'completed', response: {status: 201}})
    expectJoined(scene)
    expect(tus.joined).toEqual([['/kept/1', '/kept/2', '/kept/3']])
    expect(bytesSent(scene)).toBe(size)
    expect(new Set(tus.requestsWith('PATCH').map(({connection}) => connection)).size).toBe(3)
    expect(task.countOfBytesSent).toBe(size)
    expect(stage.sent.at(-1)?.totalBytesSent).toBe(size)
  })

  it('describes the file to the upload that is whole, and no part of it', async () => {
    const {stage, tus} = await open()
    await stage.upload({connections})
    const creations = tus.requestsWith('POST')
    expect(creations.map(request => request.header('upload-concat')?.split(';')[0])).toEqual([
      'partial',
      'partial',
      'partial',
      'final'
    ])
    expect(creations.map(request => request.header('upload-metadata'))).toEqual([
      undefined,
      undefined,
      undefined,
      'filename Rg=='
    ])
    expect(creations[3]?.header('upload-length')).toBeUndefined()
  })

  it.each([
    ['the server cannot join them', 'creation', connections],
    ['nobody has asked for more than one connection', 'creation,concatenation', undefined]
  ])('is one upload where %s', async (_why, extensions, wanted) => {
    const {stage, tus, content} = await open()
    tus.offer = {extensions}
    await stage.upload(wanted === undefined ? {} : {connections: wanted})
    expect(tus.story).toEqual(['OPTIONS /U', 'POST /U', 'PATCH /kept/1 from 0'])
    expect(tus.kept.get('/kept/1')?.content.equals(content)).toBe(true)
  })

  it('has no more parts than the session has connections for one host', async () => {
    const {stage, tus} = await open()
    await stage.upload({connections}, stage.session({maxConnectionsPerHost: 2}))
    expect(tus.joined).toEqual([['/kept/1', '/kept/2']])
  })

  it('of a short file is one upload', async () => {
    const scene = await open()
    fill(scene, mebibyte)
    await scene.stage.upload({connections})
    expect(scene.tus.requestsWith('POST')).toHaveLength(1)
  })

  it('goes on part by part when one of them breaks off', async () => {
    const scene = await open()
    scene.tus.instead('PATCH', (request, reply) => {
      const kept = scene.tus.kept.get(request.path)
      if (kept) kept.content = request.body.subarray(0, 1000)
      return reply.reset()
    })
    await expect(scene.stage.upload({connections})).resolves.toMatchObject({state: 'completed'})
    expectJoined(scene)
    expect(scene.tus.requestsWith('POST')).toHaveLength(4)
  })

  it('does not wait for the others when one of them breaks off', async () => {
    const scene = await open()
    const stall: Handler = (_request, reply) => reply.stall()
    scene.tus.instead('PATCH', stall, stall, reset)
    const session = scene.stage.session({timeouts: {idle: 60}})
    await expect(scene.stage.upload({connections}, session)).resolves.toMatchObject({state: 'completed'})
    expectJoined(scene)
  })

  it('asks for no other part any more when one of them is lost', async () => {
    const scene = await open()
    const {stage, tus} = scene
    const locked = Promise.withResolvers<void>()
    tus.instead('PATCH', async (_request, reply) => {
      await reply.respond(423)
      locked.resolve()
    })
    tus.instead('PATCH', async (_request, reply) => {
      await locked.promise
      await reply.respond(404)
    })
    await expect(stage.upload({connections: 2})).resolves.toMatchObject({state: 'completed'})
    expect(tus.requestsWith('HEAD')).toEqual([])
    expect(tus.joined).toEqual([['/kept/3', '/kept/4']])
  })

  it('is paused and continued with what each part has', async () => {
    const scene = await open()
    const {stage, tus} = scene
    const whole = mebibyte - 1
    const halt = keepAndStall(scene, {'/kept/1': 100, '/kept/2': 200, '/kept/3': whole})
    tus.instead('PATCH', halt, halt, halt)
    const task = stage.start({connections})
    await vi.waitFor(() => {
      const kept = [...tus.kept.values()].reduce((sum, {content}) => sum + content.length, 0)
      expect([kept, task.countOfBytesSent]).toEqual([whole + 300, size])
    }, patience)
    await task.cancelByProducingResumeData()
    expect(stage.record.parts.map(({first, length}) => [first, length])).toEqual([
      [0, mebibyte + 1],
      [mebibyte + 1, mebibyte + 1],
      [2 * mebibyte + 2, mebibyte - 1]
    ])
    stage.origin.requests.length = 0
    const gate = Promise.withResolvers<void>()
    tus.instead('POST', async (request, reply) => {
      await gate.promise
      await tus.answer(request, reply)
    })
    const again = stage.start({connections: 1})
    await vi.waitFor(() => expect(tus.requestsWith('POST')).toHaveLength(1), patience)
    expect(again.countOfBytesSent).toBe(size)
    gate.resolve()
    await expect(again.outcome).resolves.toMatchObject({state: 'completed'})
    expect(again.resumedFrom).toBe(whole + 300)
    expect(tus.requestsWith('OPTIONS')).toHaveLength(1)
    const offsets = tus.requestsWith('PATCH').map(request => request.header('upload-offset'))
    expect(offsets.toSorted()).toEqual(['100', '200'])
    expect(bytesSent(scene)).toBe(size - whole - 300)
    expectJoined(scene)
  })

  it('creates the parts that are missing when creation breaks off', async () => {
    const scene = await open()
    const {stage, tus} = scene
    tus.instead('POST', (request, reply) => tus.answer(request, reply), reset)
    await expect(stage.upload({connections})).resolves.toMatchObject({state: 'completed'})
    expectJoined(scene)
    expect(tus.joined[0]).toHaveLength(2)
  })

  it('begins again as a whole when a part is lost', async () => {
    const scene = await open()
    scene.tus.instead('PATCH', respond(404))
    const task = scene.stage.start({connections})
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(task.restarted).toBe(true)
    expectJoined(scene)
    expect(scene.tus.joined).toEqual([['/kept/4', '/kept/5', '/kept/6']])
  })

  it('joins them once more when the answer to that was lost', async () => {
    const scene = await open()
    const {stage, tus} = scene
    const pass: Handler = (request, reply) => tus.answer(request, reply)
    tus.instead('POST', pass, pass, pass, reset)
    await expect(stage.upload({connections})).resolves.toMatchObject({state: 'completed'})
    expectJoined(scene)
    expect(tus.requestsWith('PATCH')).toHaveLength(3)
    expect(tus.requestsWith('HEAD')).toHaveLength(3)
  })

  it('is forgotten part by part when it is cancelled', async () => {
    const scene = await open()
    const {stage, tus} = scene
    const halt = keepAndStall(scene, {})
    tus.instead('PATCH', halt, halt, halt)
    const task = stage.start({connections})
    await vi.waitFor(() => expect(tus.requestsWith('PATCH')).toHaveLength(3), patience)
    task.cancel()
    await expect(task.outcome).resolves.toMatchObject({state: 'cancelled'})
    expect(
      tus
        .requestsWith('DELETE')
        .map(({path}) => path)
        .toSorted()
    ).toEqual(['/kept/1', '/kept/2', '/kept/3'])
  })
})

it('a file is cut into no more parts than can be written down', () => {
  const stretches = divide(1000 * mebibyte, 1000)
  expect(stretches).toHaveLength(100)
  expect(stretches.at(-1)).toEqual({first: 990 * mebibyte, length: 10 * mebibyte})
})
