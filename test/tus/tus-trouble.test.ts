import {describe, expect, it} from 'vitest'
import type {Handler} from '../origin/connection.ts'
import {respond} from '../origin/handlers.ts'
import {openTusScene} from './tus-scene.ts'
import type {TusScene} from './tus-scene.ts'

function expectWhole({stage, tus}: TusScene, path = '/kept/1'): void {
  expect(tus.kept.get(path)?.content.equals(stage.content)).toBe(true)
}

const reset: Handler = (_request, reply) => reply.reset()
const start = ['OPTIONS /U', 'POST /U', 'PATCH /kept/1 from 0']
const offset = (value: number | string) => ({'tus-resumable': '1.0.0', 'upload-offset': String(value)})

describe('a server of tus that is in trouble', () => {
  it('is asked once more for its offset when it finds another one than it was told', async () => {
    const scene = await openTusScene()
    scene.tus.instead('PATCH', respond(409))
    await expect(scene.stage.upload()).resolves.toMatchObject({state: 'completed'})
    expect(scene.tus.story).toEqual([...start, 'HEAD /kept/1', 'PATCH /kept/1 from 0'])
    expectWhole(scene)
  })

  it('is given up when it contradicts itself twice in a row', async () => {
    const {stage, tus} = await openTusScene()
    tus.instead('PATCH', respond(409), respond(409))
    const outcome = await stage.upload()
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 409}})
    expect(outcome.resumeData).toBe(stage.recordPath)
    expect(tus.story).toEqual([...start, 'HEAD /kept/1', 'PATCH /kept/1 from 0'])
  })

  it.each([400, 1001, 'many', undefined])(
    'is believed after a HEAD only when it says %s after 1000 bytes',
    async said => {
      const scene = await openTusScene()
      scene.tus.instead('PATCH', (request, reply) => {
        const kept = scene.tus.kept.get(request.path)
        if (kept) kept.content = request.body.subarray(0, 400)
        return reply.respond(204, said === undefined ? {} : offset(said))
      })
      await expect(scene.stage.upload()).resolves.toMatchObject({state: 'completed'})
      expect(scene.tus.story).toEqual([...start, 'HEAD /kept/1', 'PATCH /kept/1 from 400'])
      expectWhole(scene)
    }
  )

  it('may have less than it had: it is sent again from there', async () => {
    const scene = await openTusScene()
    scene.tus.instead('PATCH', reset)
    scene.tus.instead('HEAD', respond(200, offset(700)), respond(200, offset(0)))
    scene.tus.instead('PATCH', reset)
    const task = scene.stage.start()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(scene.tus.story.slice(3)).toEqual([
      'HEAD /kept/1',
      'PATCH /kept/1 from 700',
      'HEAD /kept/1',
      'PATCH /kept/1 from 0'
    ])
    expect(task.countOfBytesSent).toBe(1000)
    expectWhole(scene)
  })

  it('is given up when it has more than there is, and told to forget it', async () => {
    const {stage, tus} = await openTusScene()
    tus.instead('PATCH', reset)
    tus.instead('HEAD', respond(200, offset(1001)))
    await expect(stage.upload()).resolves.toMatchObject({error: {code: 'NOT_RESUMABLE'}})
    expect(tus.story.slice(3)).toEqual(['HEAD /kept/1', 'DELETE /kept/1'])
  })

  it('has another file where its length is another: the upload begins again', async () => {
    const scene = await openTusScene()
    scene.tus.instead('PATCH', reset)
    scene.tus.instead('HEAD', respond(200, {...offset(10), 'upload-length': '999'}))
    const task = scene.stage.start()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(task.restarted).toBe(true)
    expectWhole(scene, '/kept/2')
  })

  it.each([
    ['HEAD', 404],
    ['HEAD', 410],
    ['HEAD', 403],
    ['PATCH', 404],
    ['PATCH', 410]
  ])('has lost the upload where it answers %s with %d: it begins again', async (method, status) => {
    const scene = await openTusScene()
    scene.tus.instead('PATCH', method === 'PATCH' ? respond(status) : reset)
    if (method === 'HEAD') scene.tus.instead('HEAD', respond(status))
    const task = scene.stage.start()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(task.restartReason).toBe(`The server does not know the upload any more (${status})`)
    expectWhole(scene, '/kept/2')
  })

  it('has everything although its last answer was lost: nothing is sent again', async () => {
    const scene = await openTusScene()
    scene.tus.instead('PATCH', (request, reply) => {
      const kept = scene.tus.kept.get(request.path)
      if (kept) kept.content = request.body
      return reply.reset()
    })
    const task = scene.stage.start()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(scene.tus.story).toEqual([...start, 'HEAD /kept/1'])
    expect(task.countOfBytesSent).toBe(1000)
    expectWhole(scene)
    expect(scene.stage.files).toEqual([])
  })

  it('may refuse in words that the user wants to have as an answer', async () => {
    const {stage, tus} = await openTusScene()
    tus.instead('PATCH', respond(422, {}, 'no picture'))
    await expect(stage.upload({httpErrors: 'deliver'})).resolves.toMatchObject({
      state: 'completed',
      response: {status: 422}
    })
    expect(tus.story).toEqual(start)
  })

  it('has not lost it where it forbids to send', async () => {
    const {stage, tus} = await openTusScene()
    tus.instead('PATCH', respond(403, {}, 'not today'))
    await expect(stage.upload()).resolves.toMatchObject({
      state: 'failed',
      error: {code: 'HTTP_STATUS', status: 403, body: 'not today'}
    })
    expect(tus.story).toEqual(start)
  })

  it.each(['HEAD', 'PATCH'])('is waited for while the upload is locked at %s', async method => {
    const scene = await openTusScene()
    scene.tus.instead('PATCH', method === 'PATCH' ? respond(423) : reset)
    if (method === 'HEAD') scene.tus.instead('HEAD', respond(423))
    await expect(scene.stage.upload()).resolves.toMatchObject({state: 'completed'})
    const asked = method === 'HEAD' ? ['HEAD /kept/1', 'HEAD /kept/1'] : ['HEAD /kept/1']
    expect(scene.tus.story).toEqual([...start, ...asked, 'PATCH /kept/1 from 0'])
    expectWhole(scene)
  })

  it('is tried again after what may pass, with its offset first', async () => {
    const scene = await openTusScene()
    scene.tus.instead('PATCH', respond(503), reset)
    await expect(scene.stage.upload()).resolves.toMatchObject({state: 'completed'})
    const again = ['HEAD /kept/1', 'PATCH /kept/1 from 0']
    expect(scene.tus.story).toEqual([...start, ...again, ...again])
    expectWhole(scene)
  })

  it('may change its mind about when the upload expires', async () => {
    const {stage, tus} = await openTusScene()
    const inAMinute = () => new Date(Date.now() + 60_000).toUTCString()
    tus.instead('PATCH', reset, (_request, reply) => reply.stall())
    tus.instead('HEAD', (_request, reply) =>
      reply.respond(200, {...offset(0), 'upload-expires': inAMinute()})
    )
    const task = stage.start()
    await stage.origin.untilRequests(5)
    await task.cancelByProducingResumeData()
    expect((stage.record.expires ?? 0) - Date.now()).toBeGreaterThan(50_000)
  })

  it('has another clock: it is that clock by which the upload expires', async () => {
    const {stage, tus} = await openTusScene()
    const fields = {
      location: '/kept/1',
      date: 'Sat, 01 Jan 2000 00:00:00 GMT',
      'upload-expires': 'Sat, 01 Jan 2000 00:01:00 GMT'
    }
    tus.instead('POST', respond(201, fields))
    tus.instead('PATCH', (_request, reply) => reply.stall())
    const task = stage.start()
    await stage.origin.untilRequests(3)
    await task.cancelByProducingResumeData()
    const left = (stage.record.expires ?? 0) - Date.now()
    expect(left).toBeGreaterThan(50_000)
    expect(left).toBeLessThan(60_001)
  })

  it('speaks another version: that is said', async () => {
    const {stage, tus} = await openTusScene()
    tus.instead('OPTIONS', respond(404))
    tus.instead('POST', respond(412, {'tus-version': '0.2.2,0.2.1'}))
    const {error} = await stage.upload()
    expect(error).toMatchObject({code: 'HTTP_STATUS', status: 412})
    expect(error?.message).toContain('it speaks tus 0.2.2, 0.2.1, and ferry 1.0.0')
  })

  it('says before that it speaks another version: nothing is sent', async () => {
    const {stage, tus} = await openTusScene()
    tus.instead('OPTIONS', respond(204, {'tus-version': '2.0.0', 'tus-extension': 'creation'}))
    await expect(stage.upload()).resolves.toMatchObject({error: {code: 'NOT_RESUMABLE'}})
    expect(tus.story).toEqual(['OPTIONS /U'])
  })
})
