import {request as httpRequest} from 'node:http'
import {setTimeout} from 'node:timers/promises'
import {expect, it} from 'vitest'
import {echo, redirect, respond} from './handlers.ts'
import {startOrigin} from './origin.ts'
import {get, talk} from './raw-client.ts'
import {seededBytes} from './seeded-bytes.ts'

const kept = (path: string): string => get(path, {connection: 'keep-alive'})

it('answers pipelined requests in order on one connection, and closes it when asked', async () => {
  await using origin = await startOrigin()
  origin.script('/x', [respond(200, {}, 'one'), respond(200, {}, 'two')])
  const {text, end} = await talk(origin, {send: kept('/x') + kept('/x') + get('/x')})
  expect(text.match(/one|two/g)).toEqual(['one', 'two', 'two'])
  expect(end).toBe('fin')
  expect(origin.requests.map(request => request.connection)).toEqual([1, 1, 1])
  expect(origin).toMatchObject({connections: 1, peakConnections: 1})
})

it('keeps the connection open after an answer, unless the client wanted it closed', async () => {
  await using origin = await startOrigin()
  origin.on('*', respond(200, {}, 'here'))
  expect((await talk(origin, {send: kept('/'), patience: 100})).end).toBe('silence')
  expect((await talk(origin, {send: get('/')})).end).toBe('fin')
  expect(origin.connections).toBe(2)
})

it('writes down method, target, fields and body, by length and in chunks', async () => {
  await using origin = await startOrigin()
  origin.on('/up', echo)
  const head = (fields: string): string =>
    `PUT /up?a=1 HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\n${fields}\r\n`
  const chunked = '5;e=1\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: t\r\n\r\n'
  const sized = head('Content-Length: 5\r\n')
  const send = `${sized}world${head('Transfer-Encoding: chunked\r\nConnection: close\r\n')}${chunked}`
  const {text} = await talk(origin, {send})
  const [first, second] = origin.requests
  expect(first).toMatchObject({
    method: 'PUT',
    target: '/up?a=1',
    path: '/up',
    rawHead: sized,
    bodyState: 'whole'
  })
  expect(first?.headers.get('x-a')).toBe('1, 2')
  expect(first?.body.toString()).toBe('world')
  expect(second?.body.toString()).toBe('hello!')
  expect(text).toContain('"body":"hello!"')
})

it('sends 100 (Continue) before a body that waits for it, but leaves it to a handler that wants the head', async () => {
  await using origin = await startOrigin()
  origin.on('/body', respond(200))
  origin.on('/head', respond(417), 'head')
  const send = (path: string): string =>
    `PUT ${path} HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`
  const asked = await talk(origin, {send: send('/body'), patience: 100})
  expect(asked.text).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  const refused = await talk(origin, {send: send('/head'), patience: 100})
  expect(refused.text).toMatch(/^HTTP\/1\.1 417 /)
})

it('lets a handler answer in the middle of an upload', async () => {
  await using origin = await startOrigin({bodies: 'counted'})
  origin.on(
    '/up',
    async (request, reply) => {
      await request.untilReceived(60_000)
      await reply.head(413, {'content-length': '0'})
      await reply.reset()
    },
    'head'
  )
  const send = `PUT /up HTTP/1.1\r\nContent-Length: 100000\r\n\r\n${'u'.repeat(70_000)}`
  const {text, end} = await talk(origin, {send})
  expect(text).toMatch(/^HTTP\/1\.1 413 /)
  expect(end).toBe('ECONNRESET')
  await origin.requests[0]?.untilReceived(Infinity)
  expect(origin.requests[0]).toMatchObject({bodyLength: 70_000, bodyState: 'broken'})
})

it('keeps the order of calls that nobody awaits, and waits for gates between them', async () => {
  await using origin = await startOrigin()
  const gate = Promise.withResolvers<void>()
  origin.on('/x', (_request, reply) => {
    void reply.head(200, {'transfer-encoding': 'chunked'})
    void reply.write('first')
    void reply.waitFor(gate.promise)
    void reply.drip('1\r\n-\r\n', 1)
    void reply.write('last')
    void reply.end()
  })
  expect((await talk(origin, {send: get('/x'), patience: 100})).text).toMatch(/\r\n\r\n5\r\nfirst\r\n$/)
  gate.resolve()
  const {text} = await talk(origin, {send: get('/x')})
  expect(text).toMatch(/5\r\nfirst\r\n1\r\n-\r\n4\r\nlast\r\n0\r\n\r\n$/)
})

it('cuts everything into random small writes by the seed without changing a byte', async () => {
  const body = seededBytes(20_000, 1)
  await using origin = await startOrigin({seed: 4})
  origin.serve('/file', {body, framing: 'chunked'})
  origin.split = 40
  const received = await new Promise<Buffer>((resolve, reject) => {
    const request = httpRequest(origin.url('/file'), async response => {
      resolve(Buffer.concat(await response.toArray()))
    })
    request.on('error', reject).end()
  })
  expect(received).toEqual(body)
})

it('answers HEAD with the head alone and an unknown path with 404', async () => {
  await using origin = await startOrigin()
  origin.serve('/file', {body: 'hello'})
  const {text} = await talk(origin, {send: get('/file').replace('GET', 'HEAD')})
  expect(text).toMatch(/content-length: 5\r\n\r\n$/)
  expect((await talk(origin, {send: get('/none')})).text).toMatch(/^HTTP\/1\.1 404 /)
})

it('redirects with cookies, a field for each', async () => {
  await using origin = await startOrigin()
  const cookies = [['set-cookie', 'a=1'] as const, ['set-cookie', 'b=2'] as const]
  origin.on('/old', redirect(302, '/new', cookies))
  const {text} = await talk(origin, {send: get('/old')})
  expect(text).toContain('location: /new\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n')
})

it('gives the connection away with the bytes that came early', async () => {
  await using origin = await startOrigin()
  origin.on('CONNECT', async (_request, reply) => {
    await reply.head(200)
    const {socket, early} = reply.takeOver()
    socket.end(`tunnel: ${early.toString()}`)
  })
  const {text} = await talk(origin, {send: 'CONNECT other:443 HTTP/1.1\r\nHost: other\r\n\r\nearly'})
  expect(text).toBe('HTTP/1.1 200 OK\r\n\r\ntunnel: early')
})

it.each([
  ['reset', 'ECONNRESET'],
  ['close', 'fin'],
  ['stall', 'silence']
] as const)('meets a new connection with %s', async (welcome, expected) => {
  await using origin = await startOrigin()
  origin.welcome = welcome
  expect(await talk(origin, {send: get('/'), patience: 100})).toMatchObject({text: '', end: expected})
  expect(origin.requests).toEqual([])
})

it('counts open connections, tells when they are gone, and keeps the error of a handler', async () => {
  await using origin = await startOrigin()
  origin.on('/wait', (_request, reply) => reply.stall())
  origin.on('/throw', () => {
    throw new Error('mine')
  })
  const talks = [1, 2, 3].map(() => talk(origin, {send: get('/wait'), patience: 300}))
  await origin.untilRequests(3, '/wait')
  expect(origin).toMatchObject({openConnections: 3, peakConnections: 3})
  await Promise.all(talks)
  await origin.untilIdle()
  expect(origin.openConnections).toBe(0)
  await talk(origin, {send: get('/throw')})
  expect(origin.failures).toEqual([new Error('mine')])
})

it('breaks all connections when it closes', async () => {
  const origin = await startOrigin({host: '::1'})
  expect(origin.url('/x')).toBe(`http://[::1]:${origin.port}/x`)
  origin.on('/x', (_request, reply) => reply.stall())
  const failed = new Promise(resolve => {
    httpRequest(origin.url('/x')).on('error', resolve).end()
  })
  await origin.untilRequests(1)
  await setTimeout(1)
  await origin.close()
  expect(await failed).toBeInstanceOf(Error)
})
