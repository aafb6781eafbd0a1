import {describe, expect, it} from 'vitest'
import {redirect, respond} from '../../origin/handlers.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {fileOf, openSending} from './sending.ts'
import type {Sending} from './sending.ts'

const large = seededBytes(20_000_000, 4)
// One piece of a file, which is ready while the server is asked whether it wants it.
const onePiece = seededBytes(1024 * 1024, 4)

function open(changes: Parameters<typeof openSending>[0] = {}): Promise<Sending> {
  return openSending({uploads: {resumable: 'none'}, retry: {attempts: 2, delay: 0.001}, ...changes})
}

describe('a success that comes before the content', () => {
  it.each([
    ['PUT', 'none', 100],
    ['PUT', 'ietf', 100],
    ['POST', 'none', 100],
    ['POST', 'none', 0]
  ] as const)(
    'is none: %s with --resumable %s, asking for %i seconds [promise 1]',
    async (method, resumable, expectTimeout) => {
      const {origin, send} = await open({uploads: {resumable, expectTimeout}})
      origin.on('/U', respond(201, {}, 'stored'), 'head')
      const {outcome} = await send(fileOf(large), {method})
      expect(outcome).toMatchObject({state: 'failed', error: {code: 'SEND_FAILED', status: 201}})
      expect(outcome.error?.message).toMatch(/ of 20000000 bytes$/)
      expect(origin.requests).toHaveLength(1)
    }
  )

  it('is none while the whole content waits for the word of the server', async () => {
    const {origin, send} = await open({uploads: {resumable: 'none', expectTimeout: 100}})
    origin.on('/U', respond(200), 'head')
    const {outcome, task} = await send(fileOf(onePiece))
    expect(outcome.error?.message).toBe('The server answered 200 when it had been sent 0 of 1048576 bytes')
    expect(task.countOfBytesSent).toBe(0)
    expect(origin.requests[0]?.bodyLength).toBe(0)
  })

  it('is none where the content is a stream that goes on', async () => {
    const pieces = async function* () {
      yield onePiece
      await new Promise(() => {})
    }
    const {origin, recorded, start} = await openSending({}, {needNewBodyStream: () => pieces()})
    origin.on('/U', respond(200, {}, 'enough'), 'head')
    const task = start({kind: 'stream'})
    expect(await task.outcome).toMatchObject({state: 'failed', error: {code: 'SEND_FAILED'}})
    expect(recorded.body(task).toString()).toBe('enough')
  })

  it.each([
    ['PUT', 'much', large],
    ['POST', 'much', large],
    ['PUT', 'ready to go', onePiece]
  ])('is none of a page that a %s of %s is led to, such as one to log in', async (method, _, content) => {
    const {origin, send} = await open({uploads: {resumable: 'none', expectTimeout: 100}})
    origin.on('/U', redirect(303, '/login'), 'head')
    origin.on('/login', respond(200, {}, 'Who are you?'))
    expect((await send(fileOf(content), {method})).outcome).toMatchObject({error: {code: 'SEND_FAILED'}})
    expect(origin.requests.map(request => request.method)).toEqual([method, 'GET'])
  })

  it('counts where it ends after the content has come', async () => {
    const {origin, send} = await open()
    origin.on(
      '/U',
      async (request, reply) => {
        await reply.informational(100)
        await reply.head(200, {'transfer-encoding': 'chunked'})
        await request.untilReceived(large.length)
        await reply.end()
      },
      'head'
    )
    expect((await send(fileOf(large))).outcome).toMatchObject({state: 'completed'})
  })
})

describe('an answer that says nothing of the content', () => {
  it.each([
    ['PUT', 300],
    ['PUT', 302],
    ['PUT', 304],
    ['POST', 303],
    ['POST', 305]
  ])('to a %s is a failure: %i without a place to go to [promise 1]', async (method, status) => {
    const {origin, send} = await open()
    origin.on('/U', respond(status))
    const {outcome} = await send(fileOf(onePiece), {method})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status}})
    expect(origin.requests).toHaveLength(1)
  })

  it.each([
    ['PUT', 307, 'failed'],
    ['PUT', 302, 'failed'],
    ['PUT', 303, 'completed'],
    ['POST', 302, 'completed'],
    ['POST', 308, 'failed']
  ] as const)(
    'is what a redirection is that nobody follows, where it asks for the content: %s, %i',
    async (method, status, state) => {
      const {origin, send} = await open({redirects: {follow: false}})
      origin.on('/U', redirect(status, '/there'))
      expect((await send(fileOf(onePiece), {method})).outcome).toMatchObject({state})
    }
  )

  it('is an answer like any other for whoever takes errors as answers', async () => {
    const {origin, send} = await open()
    origin.on('/U', respond(304))
    expect((await send(fileOf(onePiece), {httpErrors: 'deliver'})).outcome.state).toBe('completed')
  })
})
