import {describe, expect, it} from 'vitest'
import type {Handler} from '../origin/connection.ts'
import {respond} from '../origin/handlers.ts'
import {fill, openTusScene} from './tus-scene.ts'

const offset = (value: number) => ({'tus-resumable': '1.0.0', 'upload-offset': String(value)})
const size = 20_000_000

// Before it has read what the buffers between the two sides cannot hold.
const cut: Handler = (_request, reply) => {
  const {socket} = reply.takeOver()
  socket.pause()
  socket.resetAndDestroy()
}

describe('a server of tus that says it has more than it was sent', () => {
  it.each([
    ['the whole', size],
    ['some of it', size - 1]
  ])('is not believed when it is asked after a cut, and claims %s [promise 2]', async (_, claimed) => {
    const scene = await openTusScene()
    fill(scene, size)
    scene.stage.origin.on('PATCH', cut, 'head')
    scene.tus.instead('HEAD', respond(200, offset(claimed)))
    const outcome = await scene.stage.upload()
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
    expect(outcome.error?.message).toMatch(`it has ${claimed} bytes of an upload of which `)
    expect(scene.tus.story.slice(-2)).toEqual(['HEAD /kept/1', 'DELETE /kept/1'])
  })

  it('is not believed when it answers before the content, for a part no more than for all [promise 1]', async () => {
    const scene = await openTusScene({maxConnectionsPerHost: 4})
    fill(scene, size)
    scene.tus.offer = {extensions: 'creation,concatenation,termination'}
    scene.stage.origin.on(
      'PATCH',
      async (request, reply) => {
        await request.untilReceived(70_000)
        await reply.respond(204, offset(size / 2))
      },
      'head'
    )
    const outcome = await scene.stage.upload({connections: 2})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
    expect(scene.tus.joined).toEqual([])
  })

  it('is believed about what an earlier run has sent', async () => {
    const scene = await openTusScene()
    scene.tus.instead('PATCH', respond(400))
    await scene.stage.upload()
    const kept = scene.tus.kept.get('/kept/1')
    if (kept) kept.content = Buffer.from(scene.stage.content.subarray(0, 600))
    await expect(scene.stage.upload()).resolves.toMatchObject({state: 'completed'})
    expect(scene.tus.story.at(-1)).toBe('PATCH /kept/1 from 600')
  })
})

it('a server of tus that gives and takes for ever is given up, with parts as with one upload', async () => {
  const scene = await openTusScene({maxConnectionsPerHost: 4})
  fill(scene, 3_000_000)
  scene.tus.offer = {extensions: 'creation,concatenation,termination'}
  const asked = new Map<string, number>()
  scene.stage.origin.on('HEAD', (request, reply) => {
    const times = asked.get(request.path) ?? 0
    asked.set(request.path, times + 1)
    return reply.respond(200, offset(times % 2 === 0 ? 100 : 50))
  })
  scene.stage.origin.on('PATCH', respond(204, offset(7)))
  const outcome = await scene.stage.upload({connections: 2})
  expect(outcome).toMatchObject({state: 'failed', error: {message: 'The server takes no further bytes'}})
})
