import {existsSync} from 'node:fs'
import {Readable} from 'node:stream'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {canary} from '../../canary/canary.ts'
import type {Handler} from '../../origin/connection.ts'
import {redirect, respond} from '../../origin/handlers.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {fileOf, onceStreaming, openSending} from './sending.ts'

const body = seededBytes(16_384, 4)
const data = {kind: 'data', data: body} as const

describe('an upload that meets trouble', () => {
  const patient = {retry: {attempts: 2, delay: 0.001}}

  it.each([408, 429, 500, 503])('is sent again from its first byte after %i', async status => {
    const {origin, recorded, send} = await openSending(patient)
    origin.script('/U', [respond(status), respond(201)])
    const {outcome} = await send(fileOf(body))
    expect(outcome).toMatchObject({state: 'completed', response: {status: 201}})
    expect(origin.requests.map(request => request.body.length)).toEqual([16_384, 16_384])
    expect(recorded.calls.filter(call => call.name === 'didNeedNewBody')).toMatchObject([{value: 'retry'}])
  })

  it('is sent again when the connection breaks within the body', async () => {
    const {origin, recorded, send} = await openSending(patient)
    origin.script('/U', [(_request, reply) => reply.reset(), respond(200)])
    const {outcome} = await send(data)
    expect(outcome.state).toBe('completed')
    expect(origin.requests).toHaveLength(2)
    expect(recorded.calls.filter(call => call.name === 'didNeedNewBody')).toMatchObject([{value: 'retry'}])
  })

  it('is not sent again with POST, which could do it twice', async () => {
    const {origin, send} = await openSending(patient)
    origin.script('/U', [respond(503), respond(200)])
    const {outcome} = await send(data, {method: 'POST'})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 503}})
    expect(origin.requests).toHaveLength(1)
  })

  it('asks once for a stream that was read already, then fails with what happened and says what helps', async () => {
    const once = onceStreaming([body])
    const asked: string[] = []
    const {origin, recorded, send} = await openSending(patient, {
      needNewBodyStream: (task, reason) => {
        asked.push(reason)
        return once.needNewBodyStream?.(task, reason)
      }
    })
    origin.script('/U', [respond(503, {'retry-after': '3600'}), respond(200)])
    const {outcome} = await send({kind: 'stream'})
    expect(asked).toEqual(['initial', 'retry'])
    // Nobody waits an hour for what cannot come.
    expect(recorded.calls.filter(({name}) => name === 'taskIsWaiting')).toEqual([])
    expect(outcome.error).toMatchObject({code: 'HTTP_STATUS', status: 503})
    expect(outcome.error?.hint).toContain('--spool')
    expect(outcome.error?.message).toContain('read already')
  })

  it('sends the stream that it was given before it waited', async () => {
    let given = 0
    const {origin, send} = await openSending(patient, {
      needNewBodyStream: () => Readable.from([Buffer.from(`${++given}`)])
    })
    origin.script('/U', [respond(503), respond(503), respond(200)])
    expect((await send({kind: 'stream'})).outcome.state).toBe('completed')
    expect(origin.requests.map(request => request.body.toString())).toEqual(['1', '2', '3'])
  })

  it('fails when its stream is needed again for a challenge and there is none [R36]', async () => {
    const credentials = {user: 'u', password: canary('password')}
    const {origin, recorded, send} = await openSending({...patient, credentials}, onceStreaming([body]))
    origin.on('/U', respond(401, {'www-authenticate': 'Basic realm="r"'}))
    const {outcome} = await send({kind: 'stream'})
    expect(outcome.error?.code).toBe('READ_FAILED')
    expect(outcome.error?.hint).toContain('--spool')
    expect(recorded.calls.filter(call => call.name === 'didNeedNewBody').map(call => call.value)).toEqual([
      'initial',
      'challenge'
    ])
  })

  it('tells progress that never falls, although a body that is sent again begins at zero [R44]', async () => {
    const {origin, send, progress} = await openSending(patient)
    const large = Buffer.alloc(16 << 20)
    const refuse: Handler = async (request, reply) => {
      await request.untilReceived(large.length)
      await sleep(150)
      return reply.respond(503)
    }
    const take: Handler = async (request, reply) => {
      request.pause()
      await sleep(250)
      request.resume()
      await request.untilReceived(large.length)
      return reply.respond(200)
    }
    origin.script('/U', [refuse, take], 'head')
    const {task, outcome} = await send({kind: 'data', data: large})
    expect(outcome.state).toBe('completed')
    const totals = progress(task).map(({totalBytesSent}) => totalBytesSent)
    expect(totals).toEqual(totals.toSorted((one, other) => one - other))
    expect(totals.at(-1)).toBe(large.length)
  })

  it('keeps body and length through 307, and loses the body with 303', async () => {
    const {origin, send} = await openSending()
    origin.on('/V', respond(200))
    origin.script('/U', [redirect(307, '/V'), redirect(303, '/V')])
    await send(data)
    await send(data)
    const seen = origin.requestsOf('/V').map(request => [request.method, request.body.length])
    expect(seen).toEqual([
      ['PUT', 16_384],
      ['GET', 0]
    ])
  })

  it('fails with the status and the beginning of what the server says; the body of the answer is not delivered', async () => {
    const {origin, recorded, send} = await openSending()
    origin.on('/U', respond(403, {}, 'not here'))
    const {task, outcome} = await send(data)
    expect(outcome.error).toMatchObject({code: 'HTTP_STATUS', status: 403, body: 'not here'})
    expect(recorded.body(task)).toHaveLength(0)
  })

  it('delivers the body of a refusal where that is asked for, and fails afterwards', async () => {
    const {origin, recorded, send} = await openSending()
    origin.on('/U', respond(422, {}, 'why'))
    const {task, outcome} = await send(data, {httpErrors: 'deliverAndFail'})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 422}})
    expect(recorded.body(task).toString()).toBe('why')
  })

  it.each(['', 'half'])(
    'is not sent again when its answer breaks off after "%s": the server has it',
    async beginning => {
      const {origin, send} = await openSending(patient)
      origin.on('/U', async (_request, reply) => {
        await reply.head(200, {'content-length': '10'})
        await reply.write(beginning)
        return reply.reset()
      })
      const {outcome} = await send(data)
      expect(outcome.error?.code).toBe('RECEIVE_FAILED')
      expect(origin.requests).toHaveLength(1)
    }
  )

  it('removes a file that was made for it alone, whatever comes of it', async () => {
    const {origin, send} = await openSending()
    origin.script('/U', [respond(200), respond(403)])
    const spools = [fileOf(body), fileOf(body)].map(file => ({...file, lifetime: 'task'}) as const)
    for (const spool of spools) await send(spool)
    expect(spools.filter(({path}) => existsSync(path))).toEqual([])
  })
})
