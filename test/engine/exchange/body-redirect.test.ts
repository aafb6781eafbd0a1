import {describe, expect, it} from 'vitest'
import {redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'
import {carrying, sentBody} from './sent-body.ts'

const bytes = seededBytes(200_000, 7)
const described = [
  ['Content-Type', 'text/plain'],
  ['Content-Encoding', 'x-none'],
  ['Content-Language', 'en'],
  ['Content-Disposition', 'attachment'],
  ['X-Own', 'kept']
] as const
const names = described.map(([name]) => name.toLowerCase())

describe('a redirection of a request with a body', () => {
  it.each([
    [307, 'POST'],
    [307, 'PUT'],
    [308, 'POST'],
    [308, 'PATCH'],
    [301, 'PUT'],
    [302, 'PATCH'],
    [302, 'DELETE']
  ] as const)(
    'by %i after %s keeps the method, and the body, which is read again [3A 35, 3A 38]',
    async (status, method) => {
      await using origin = await startOrigin()
      origin.on('/from', redirect(status, '/to'))
      origin.on('/to', respond(200))
      const {body, readings} = sentBody({bytes})
      const request = carrying(origin.url('/from'), body, {method, headers: described})
      const {outcome} = await recordedSession().get(request)
      expect(outcome.error).toBeUndefined()
      const [arrived] = origin.requestsOf('/to')
      expect(arrived?.method).toBe(method)
      expect(arrived?.body.equals(bytes)).toBe(true)
      for (const [name, value] of described) expect(arrived?.header(name)).toBe(value)
      expect(readings).toMatchObject({reasons: ['initial', 'redirect'], open: 0})
    }
  )

  it.each([
    [301, 'POST'],
    [302, 'POST'],
    [303, 'POST'],
    [303, 'PUT'],
    [303, 'PATCH']
  ] as const)(
    'by %i after %s is a GET without the body and what describes it [3A 10, 3A 35, 3A 36]',
    async (status, method) => {
      await using origin = await startOrigin()
      origin.on('/from', redirect(status, '/to'))
      origin.on('/to', respond(200, {}, 'Lima'))
      const {body, readings} = sentBody({bytes})
      const request = carrying(origin.url('/from'), body, {method, headers: described})
      const {body: received} = await recordedSession().get(request)
      expect(received.toString()).toBe('Lima')
      const [arrived] = origin.requestsOf('/to')
      expect(arrived).toMatchObject({method: 'GET', bodyLength: 0})
      expect(names.filter(name => arrived?.headers.has(name))).toEqual(['x-own'])
      expect(arrived?.header('content-length')).toBeUndefined()
      expect(readings).toMatchObject({reasons: ['initial'], open: 0})
    }
  )

  it('to another origin brings the body and what describes it, and nothing else of its own', async () => {
    await using origin = await startOrigin()
    await using other = await startOrigin()
    origin.on('/', redirect(308, other.url('/to')))
    other.on('/to', respond(200))
    const {body} = sentBody({bytes})
    await recordedSession().get(carrying(origin.url('/'), body, {headers: described}))
    const [arrived] = other.requests
    expect(arrived?.body.equals(bytes)).toBe(true)
    expect(names.filter(name => arrived?.headers.has(name))).toEqual(
      names.filter(name => name.startsWith('content-'))
    )
  })

  it('is not sent for nothing where the server redirects before it wants the body', async () => {
    await using origin = await startOrigin()
    const large = seededBytes(2_000_000, 8)
    origin.on('/from', redirect(307, '/to'), 'head')
    origin.on('/to', respond(200))
    const {body} = sentBody({bytes: large})
    const {outcome} = await recordedSession().get(carrying(origin.url('/from'), body))
    expect(outcome.error).toBeUndefined()
    expect(origin.requestsOf('/from')[0]?.bodyLength).toBe(0)
    expect(origin.requestsOf('/to')[0]?.body.equals(large)).toBe(true)
  })

  it.each([
    ['keeps', 'PUT', bytes.length],
    ['changes', 'POST', 0]
  ] as const)(
    'that a delegate answers with a request of its own takes the body along where that %s the method',
    async (_what, method, length) => {
      await using origin = await startOrigin()
      origin.on('/from', redirect(303, '/to'))
      origin.on('/chosen', respond(200))
      const {body} = sentBody({bytes})
      const willPerformRedirection = () => ({
        url: new URL(origin.url('/chosen')),
        method,
        headers: []
      })
      const recorded = recordedSession({}, {willPerformRedirection})
      await recorded.get(carrying(origin.url('/from'), body))
      expect(origin.requestsOf('/chosen')[0]).toMatchObject({method, bodyLength: length})
    }
  )
})
