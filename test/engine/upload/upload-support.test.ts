import {readdirSync} from 'node:fs'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {canary} from '../../canary/canary.ts'
import type {Handler} from '../../origin/connection.ts'
import {respond} from '../../origin/handlers.ts'
import type {RecordedSession} from '../recorded-session.ts'
import {recordedSession} from '../recorded-session.ts'
import {StateFolder} from '../storage/cookie-scene.ts'
import {methods, openOrigin, send, small, start} from './support-scene.ts'

describe('a server is asked what uploads it supports', () => {
  it('once, and only about a file of a mebibyte or more', async () => {
    const origin = await openOrigin(respond(200, {allow: 'PUT'}))
    const recorded = recordedSession()
    await send(recorded, origin.url('/a'), {bytes: small})
    expect(methods(origin)).toEqual(['PUT'])
    expect(await send(recorded, origin.url('/b'))).toMatchObject({
      state: 'completed',
      response: {status: 201}
    })
    await send(recorded, origin.url('/c'))
    expect(methods(origin)).toEqual(['PUT', 'OPTIONS', 'PUT', 'PUT'])
    expect(origin.requests.at(-1)?.header('upload-complete')).toBe('?1')
  })

  it('not at all where it was chosen already', async () => {
    const origin = await openOrigin(respond(200))
    await send(recordedSession({uploads: {resumable: 'ietf'}}), origin.url('/a'))
    await send(recordedSession({uploads: {resumable: 'none'}}), origin.url('/a'))
    expect(methods(origin)).toEqual(['PUT', 'PUT'])
  })

  it('with what says who asks, but not with what speaks of the content', async () => {
    const origin = await openOrigin(respond(200))
    const token = canary('token', origin)
    const headers = [
      ['Authorization', `Bearer ${token}`],
      ['Content-Type', 'text/plain'],
      ['If-None-Match', '*']
    ] as const
    await send(recordedSession(), origin.url('/a'), {headers})
    const [asked] = origin.requests
    expect(asked?.header('authorization')).toBe(`Bearer ${token}`)
    expect(asked?.header('upload-draft-interop-version')).toBe('8')
    expect(asked?.header('content-type')).toBeUndefined()
    expect(asked?.header('if-none-match')).toBeUndefined()
  })

  it('at the collection, where the file goes into one', async () => {
    const origin = await openOrigin(respond(200))
    const collection = new URL(origin.url('/files/'))
    await send(recordedSession(), origin.url('/files/F'), {collection})
    expect(origin.requests.map(({path}) => path)).toEqual(['/files/', '/files/F'])
  })
})

describe('what a server says is remembered', () => {
  it('by later sessions of that name, but not by others, and not after a reset', async () => {
    const origin = await openOrigin(respond(405))
    const state = new StateFolder()
    const asked = async (recorded: RecordedSession): Promise<number> => {
      const before = origin.requests.length
      await send(recorded, origin.url('/a'))
      await recorded.session.finishTasksAndInvalidate()
      return methods(origin)
        .slice(before)
        .filter(method => method === 'OPTIONS').length
    }
    expect(await asked(state.session())).toBe(1)
    expect(await asked(state.session())).toBe(0)
    expect(await asked(state.session({name: 'other'}))).toBe(1)
    expect(await asked(state.session({kind: 'ephemeral'}))).toBe(1)
    await state.session().session.reset()
    expect(await asked(state.session())).toBe(1)
    expect(state.reports).toEqual([])
  })

  it('for a day where it said nothing useful', async () => {
    const origin = await openOrigin(respond(200))
    const recorded = recordedSession()
    await send(recorded, origin.url('/a'))
    vi.useFakeTimers({toFake: ['Date'], now: Date.now() + 25 * 3600 * 1000})
    onTestFinished(() => void vi.useRealTimers())
    await send(recorded, origin.url('/a'))
    expect(methods(origin)).toEqual(['OPTIONS', 'PUT', 'OPTIONS', 'PUT'])
  })

  it.each([401, 429, 500, 503])('not where its answer was only for the moment: %i', async status => {
    const origin = await openOrigin(respond(status))
    const recorded = recordedSession()
    await send(recorded, origin.url('/a'))
    expect((await send(recorded, origin.url('/a'))).state).toBe('completed')
    expect(methods(origin)).toEqual(['OPTIONS', 'PUT', 'OPTIONS', 'PUT'])
  })

  it('in no file, by a session on disk that has asked nobody', async () => {
    const origin = await openOrigin(respond(200))
    const state = new StateFolder()
    const recorded = state.session()
    await send(recorded, origin.url('/a'), {bytes: small})
    await recorded.session.finishTasksAndInvalidate()
    expect(readdirSync(state.folder)).toEqual([])
  })
})

describe('an upload goes on', () => {
  it.each<[string, Handler]>([
    ['hangs up', (_request, reply) => reply.reset()],
    ['speaks nonsense', (_request, reply) => reply.raw('nonsense\r\n\r\n')],
    ['sends it round and round', respond(307, {location: '/a'})]
  ])('where the server %s when it is asked', async (_what, handler) => {
    const origin = await openOrigin(handler)
    const outcome = await send(recordedSession(), origin.url('/a'))
    expect(outcome).toMatchObject({state: 'completed', response: {status: 201}})
    expect(methods(origin).at(-1)).toBe('PUT')
  })

  it.each<[string, Handler]>([
    ['never answers', (_request, reply) => reply.stall()],
    ['never ends its answer', (_request, reply) => reply.raw('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n')]
  ])('after three seconds where the server %s', async (_what, handler) => {
    const origin = await openOrigin(handler)
    vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']})
    onTestFinished(() => void vi.useRealTimers())
    const task = start(recordedSession({timeouts: {idle: 30}}), origin.url('/a'))
    await origin.untilRequests(1)
    await expect.poll(() => (vi.advanceTimersByTime(1000), origin.requests.length)).toBe(2)
    vi.useRealTimers()
    expect((await task.outcome).state).toBe('completed')
    expect(methods(origin)).toEqual(['OPTIONS', 'PUT'])
  })

  it('not where it is cancelled while the server is asked', async () => {
    const origin = await openOrigin((_request, reply) => reply.stall())
    const task = start(recordedSession(), origin.url('/a'))
    await origin.untilRequests(1)
    task.cancel()
    expect(await task.outcome).toMatchObject({state: 'cancelled'})
    expect(methods(origin)).toEqual(['OPTIONS'])
  })
})
