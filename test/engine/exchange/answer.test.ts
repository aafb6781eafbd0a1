import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {echo, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'

interface Echo {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
}

describe('a data task', () => {
  it('brings what the server has, with its status [3A 1, 3A 3, 3A 5, 3A 6, 3A 7]', async () => {
    await using origin = await startOrigin()
    origin.on('/Nepal', respond(200, {'Content-Type': 'text/plain'}, 'Kathmandu'))
    const {outcome, body} = await recordedSession().get(origin.url('/Nepal'))
    expect(body.toString()).toBe('Kathmandu')
    expect(outcome).toMatchObject({
      state: 'completed',
      response: {status: 200, statusText: 'OK', expectedContentLength: 9}
    })
    expect(outcome.error).toBeUndefined()
  })

  it('reads header values that follow the colon at once, and gives back each line [3A 4]', async () => {
    await using origin = await startOrigin()
    origin.on('/', (_request, reply) => {
      void reply.raw('HTTP/1.1 200 OK\r\nContent-Type:text/plain\r\nX:1\r\nX:2\r\nContent-Length:13\r\n\r\n')
      void reply.raw('Hello, world!')
      return reply.fin()
    })
    const {outcome, body} = await recordedSession().get(origin.url('/'))
    expect(body.toString()).toBe('Hello, world!')
    expect(outcome.response?.headers).toEqual([
      ['content-type', 'text/plain'],
      ['x', '1'],
      ['x', '2'],
      ['content-length', '13']
    ])
  })

  it('hands over pieces whose concatenation is the body [3A 8, R46]', async () => {
    await using origin = await startOrigin()
    origin.split = 700
    const sent = seededBytes(50_000, 1)
    origin.serve('/', {body: sent, framing: 'chunked'})
    const recorded = recordedSession()
    const {task, body} = await recorded.get(origin.url('/'))
    expect(recorded.count('didReceiveData', task)).toBeGreaterThan(1)
    expect(body.equals(sent)).toBe(true)
    expect(task.countOfBytesReceived).toBe(sent.length)
    expect(task.countOfBytesExpectedToReceive).toBeUndefined()
  })

  it('sends the headers of its request [3A 28]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const request = urlRequest(origin.url('/'), {headers: [['header1', 'value1']]})
    const {body} = await recordedSession().get(request)
    const {headers} = JSON.parse(body.toString()) as Echo
    expect(headers).toMatchObject({
      header1: 'value1',
      accept: '*/*',
      host: `127.0.0.1:${origin.port}`,
      'user-agent': expect.stringMatching(/^ferry\/\d/) as string
    })
  })

  it.each(['GET', 'DELETE', 'OPTIONS'])(
    '%s without a body has no field that describes one [3A 56]',
    async method => {
      await using origin = await startOrigin()
      origin.on('/', echo)
      const {body} = await recordedSession().get(urlRequest(origin.url('/'), {method}))
      const {method: seen, headers} = JSON.parse(body.toString()) as Echo
      expect(seen).toBe(method)
      expect(headers).not.toHaveProperty('content-type')
      expect(headers).not.toHaveProperty('content-length')
    }
  )

  it.each(['POST', 'PUT', 'PATCH'])(
    '%s without a body says that it has none, and no type [3A 56, 3A 67]',
    async method => {
      await using origin = await startOrigin()
      origin.on('/', echo)
      const {body, outcome} = await recordedSession().get(urlRequest(origin.url('/'), {method}))
      const {headers} = JSON.parse(body.toString()) as Echo
      expect(outcome.response?.status).toBe(200)
      expect(headers).not.toHaveProperty('content-type')
      expect(headers['content-length']).toBe('0')
    }
  )

  it('HEAD knows the length without a body, and the connection goes on [3A 56]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {}, 'not for HEAD'))
    const recorded = recordedSession()
    const {outcome, body} = await recorded.get(urlRequest(origin.url('/'), {method: 'HEAD'}))
    expect(outcome.response?.expectedContentLength).toBe(12)
    expect(body.length).toBe(0)
    expect((await recorded.get(origin.url('/'))).body.toString()).toBe('not for HEAD')
  })

  it('takes a body without a length until the server closes, and says that the end is unproven [3A 52, promise 1b]', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: 'some text', framing: 'close'})
    const recorded = recordedSession()
    const {task, outcome, body} = await recorded.get(origin.url('/'))
    expect(body.toString()).toBe('some text')
    expect(outcome).toMatchObject({state: 'completed', note: 'unannouncedLength'})
    expect(task.countOfBytesExpectedToReceive).toBeUndefined()
    const strict = await recorded.get(origin.url('/'), {requireLength: true})
    expect(strict.outcome).toMatchObject({state: 'failed', error: {code: 'TRANSFER_TRUNCATED'}})
  })

  it('of a chunked body needs no length: its end is proven [promise 1b]', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: 'some text', framing: 'chunked'})
    const {outcome} = await recordedSession().get(origin.url('/'), {requireLength: true})
    expect(outcome.state).toBe('completed')
    expect(outcome.note).toBeUndefined()
  })
})

describe('an HTTP status of 400 and above', () => {
  it.each([404, 500, 403, 999])(
    'is no error where it is to be delivered: %i comes with its body [3A 49, 3A 51, 3C 96, R53, T10]',
    async status => {
      await using origin = await startOrigin()
      origin.on('/', respond(status, {}, 'what the server says'))
      const {outcome, body} = await recordedSession().get(origin.url('/'), {httpErrors: 'deliver'})
      expect(outcome).toMatchObject({state: 'completed', response: {status}})
      expect(outcome.error).toBeUndefined()
      expect(body.toString()).toBe('what the server says')
    }
  )

  it('is an error otherwise, with its status and the beginning of its body, and no data [R53, T10]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(404, {}, 'x'.repeat(5000)))
    const recorded = recordedSession()
    const {task, outcome, body} = await recorded.get(origin.url('/'))
    expect(outcome).toMatchObject({
      state: 'failed',
      response: {status: 404},
      error: {code: 'HTTP_STATUS', status: 404, method: 'GET', url: origin.url('/'), body: 'x'.repeat(2048)}
    })
    expect(body.length).toBe(0)
    expect(recorded.count('didReceiveData', task)).toBe(0)
  })

  it('401 completes, whether it says how to authenticate or not: never a hang [3A 68, 3A 69, R35]', async () => {
    await using origin = await startOrigin()
    origin.on('/silent', respond(401, {}, 'no'))
    origin.on('/negotiate', respond(401, {'WWW-Authenticate': 'Negotiate'}, 'no'))
    const recorded = recordedSession()
    for (const path of ['/silent', '/negotiate']) {
      const {outcome} = await recorded.get(origin.url(path))
      expect(outcome).toMatchObject({error: {code: 'HTTP_STATUS', status: 401}})
    }
    expect(origin.requests).toHaveLength(2)
  })

  it('does not wait for the end of an error page that never ends', async () => {
    await using origin = await startOrigin()
    origin.on('/', async (_request, reply) => {
      await reply.head(500, {})
      while (reply.isOpen()) await reply.write('x'.repeat(4096))
    })
    const {outcome} = await recordedSession().get(origin.url('/'))
    expect(outcome.error?.body).toHaveLength(2048)
    await origin.untilIdle()
  })
})

describe("an address's user name and password", () => {
  it('are sent as Basic credentials and not as part of the address [3A 66, CVE 38]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const address = origin.url('/').replace('//', '//user:p%40sswd@')
    const {body, outcome} = await recordedSession().get(address)
    const {headers, target} = JSON.parse(body.toString()) as Echo
    expect(headers['authorization']).toBe(`Basic ${Buffer.from('user:p@sswd').toString('base64')}`)
    expect(headers['host']).toBe(`127.0.0.1:${origin.port}`)
    expect(target).toBe('/')
    expect(outcome.response?.url.href).toBe(origin.url('/'))
  })

  it('yield to an Authorization of the request', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const address = origin.url('/').replace('//', '//user:other@')
    const {body} = await recordedSession().get(
      urlRequest(address, {headers: [['authorization', 'Bearer t']]})
    )
    expect((JSON.parse(body.toString()) as Echo).headers['authorization']).toBe('Bearer t')
  })

  it('with a lone percent sign mean what they say', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const {outcome} = await recordedSession().get(origin.url('/').replace('//', '//user:100%@'))
    expect(outcome.state).toBe('completed')
    expect(origin.requests[0]?.header('authorization')).toBe(
      `Basic ${Buffer.from('user:100%').toString('base64')}`
    )
  })
})
