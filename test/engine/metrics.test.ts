import {describe, expect, it, onTestFinished} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import type {TransactionMetrics} from '../../src/engine/index.ts'
import {canary} from '../canary/canary.ts'
import {redirect, respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {basicGuard} from './authentication/guards.ts'
import {recordedSession} from './recorded-session.ts'
import type {Received} from './recorded-session.ts'

function transactionsOf({task}: Received): readonly TransactionMetrics[] {
  return task.metrics?.transactionMetrics ?? []
}

/** The moments of a transaction in the order in which they must have come; what is absent is left out. */
function moments(transaction: TransactionMetrics): readonly number[] {
  return [
    transaction.domainLookupStart,
    transaction.domainLookupEnd,
    transaction.connectStart,
    transaction.connectEnd,
    transaction.secureConnectionStart,
    transaction.secureConnectionEnd,
    transaction.requestStart,
    transaction.requestEnd,
    transaction.responseStart,
    transaction.responseEnd
  ].filter(moment => moment !== undefined)
}

const noOpening = {
  domainLookupStart: undefined,
  domainLookupEnd: undefined,
  connectStart: undefined,
  connectEnd: undefined,
  secureConnectionStart: undefined,
  secureConnectionEnd: undefined
}

describe('the metrics of a transaction', () => {
  it('have every phase of a first request over TLS, in order, and what was agreed upon [P31]', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.serve('/F', {body: 'content'})
    const received = await recordedSession().get(origin.url('/F', 'localhost'))
    const [transaction, ...others] = transactionsOf(received)
    expect(others).toEqual([])
    expect(transaction).toMatchObject({
      status: 200,
      resourceFetchType: 'networkLoad',
      networkProtocolName: 'http/1.1',
      isProxyConnection: false,
      isReusedConnection: false,
      remoteAddress: '127.0.0.1',
      remotePort: origin.port,
      localAddress: '127.0.0.1',
      localPort: expect.any(Number) as number,
      negotiatedTLSProtocolVersion: 'TLSv1.3',
      negotiatedTLSCipherSuite: expect.stringMatching(/^TLS_/) as string
    })
    const times = transaction ? moments(transaction) : []
    expect(times).toHaveLength(10)
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    expect(times[0]).toBeGreaterThanOrEqual(transaction?.fetchStart ?? Infinity)
  })

  it('have no lookup where the address is known, and no TLS where none is spoken [P31]', async () => {
    await using origin = await startOrigin()
    origin.serve('/F', {body: 'content'})
    const [transaction] = transactionsOf(await recordedSession().get(origin.url('/F')))
    expect(transaction).toMatchObject({
      ...{domainLookupStart: undefined, domainLookupEnd: undefined},
      ...{secureConnectionStart: undefined, secureConnectionEnd: undefined},
      ...{negotiatedTLSProtocolVersion: undefined, negotiatedTLSCipherSuite: undefined}
    })
    expect(transaction && moments(transaction)).toHaveLength(6)
  })

  it('have no opening on a connection that was used before [P31]', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.serve('/F', {body: 'content'})
    const recorded = recordedSession({maxConnectionsPerHost: 1})
    await recorded.get(origin.url('/F'))
    const [transaction] = transactionsOf(await recorded.get(origin.url('/F')))
    expect(transaction).toMatchObject({...noOpening, isReusedConnection: true, remotePort: origin.port})
    expect(transaction?.negotiatedTLSProtocolVersion).toBe('TLSv1.3')
    expect(transaction && moments(transaction)).toHaveLength(4)
    expect(origin.connections).toBe(1)
  })

  it('count the bytes of heads and bodies as they went over the wire [P31]', async () => {
    await using origin = await startOrigin()
    const head = 'HTTP/1.1 200 OK\r\nX-One: 1\r\nx-two: 2\r\nContent-Length: 7\r\n\r\n'
    origin.on('/F', async (_request, reply) => {
      await reply.raw(Buffer.from(`${head}content`))
      return reply.end()
    })
    const [transaction] = transactionsOf(await recordedSession().get(origin.url('/F?page=1')))
    expect(transaction).toMatchObject({
      countOfRequestHeaderBytesSent: origin.requests[0]?.rawHead.length,
      countOfRequestBodyBytesSent: 0,
      countOfResponseHeaderBytesReceived: head.length,
      countOfResponseBodyBytesReceived: 7
    })
  })
})

describe('the metrics of a task', () => {
  it('have a transaction for each redirection and for each challenge [P31]', async () => {
    await using origin = await startOrigin()
    origin.on('/from', redirect(302, '/guarded'))
    const ana = {user: 'ana', password: canary('metrics')}
    origin.on('/guarded', basicGuard(ana))
    const received = await recordedSession({credentials: ana}).get(origin.url('/from'))
    expect(received.task.metrics).toMatchObject({
      redirectCount: 1,
      transactionMetrics: [
        {status: 302, isReusedConnection: false},
        {status: 401, isReusedConnection: true},
        {status: 200, isReusedConnection: true}
      ]
    })
    const {start = 0, end = 0} = received.task.metrics?.taskInterval ?? {}
    const starts = transactionsOf(received).map(({fetchStart}) => fetchStart)
    expect([start, ...starts, end]).toEqual([start, ...starts, end].toSorted((one, other) => one - other))
    expect(JSON.stringify(received.task.metrics)).not.toContain(ana.password)
  })

  it.each([
    ['one that is denied', 302, 0],
    ['not modified', 304, 0],
    ['a choice', 300, 0]
  ])('count no redirection where none was followed: %s [P31]', async (_what, status, count) => {
    await using origin = await startOrigin()
    origin.on('/F', respond(status, {location: '/other'}))
    const recorded = recordedSession({}, {willPerformRedirection: () => undefined})
    const {task} = await recorded.get(origin.url('/F'))
    expect(task.metrics).toMatchObject({redirectCount: count, transactionMetrics: [{status}]})
  })

  it('are told of a task that never found a server, before its end [P31]', async () => {
    const gone = await startOrigin()
    const address = gone.url('/F')
    await gone.close()
    const recorded = recordedSession()
    const received = await recorded.get(address)
    expect(received.outcome).toMatchObject({state: 'failed', error: {code: 'CONNECT_FAILED'}})
    expect(transactionsOf(received)).toMatchObject([
      {
        ...noOpening,
        ...{requestStart: undefined, responseStart: undefined, status: undefined},
        ...{networkProtocolName: undefined, remoteAddress: undefined},
        ...{countOfRequestHeaderBytesSent: 0, countOfResponseHeaderBytesReceived: 0}
      }
    ])
    expect(recorded.order().slice(-2)).toEqual(['didFinishCollectingMetrics', 'didCompleteWithError'])
  })
})

it('the metrics of a task that asks again for days tell of its last thousand requests, and hold on to fewer', async () => {
  const origin = await startOrigin()
  onTestFinished(() => origin.close())
  const held: number[] = []
  const {session} = recordedSession(
    {retry: {attempts: 5000, delay: 0}},
    {
      taskWillReconnect: task => void held.push(task.exchanges.length),
      taskIsWaiting: task => void held.push(task.exchanges.length)
    }
  )
  const busy = respond(503)
  origin.on('/', (request, reply) => (origin.requests.length <= 1100 ? busy : respond(200))(request, reply))
  const task = session.dataTask(urlRequest(origin.url('/')))
  task.resume()
  expect(await task.outcome).toMatchObject({state: 'completed'})
  const transactions = task.metrics?.transactionMetrics ?? []
  expect(transactions.map(({status}) => status)).toEqual([...Array.from({length: 1049}, () => 503), 200])
  const starts = transactions.map(({fetchStart}) => fetchStart)
  expect(starts).toEqual(starts.toSorted((one, other) => one - other))
  expect(held).toHaveLength(1100)
  expect(Math.max(...held)).toBeLessThanOrEqual(50)
})
