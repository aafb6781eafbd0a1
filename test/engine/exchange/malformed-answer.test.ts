import {describe, expect, it} from 'vitest'
import {startOrigin} from '../../origin/origin.ts'
import type {Lie} from '../../origin/resource.ts'
import {recordedSession} from '../recorded-session.ts'
import type {Received} from '../recorded-session.ts'

async function fetchRaw(bytes: string): Promise<Received> {
  await using origin = await startOrigin()
  origin.on('/', (_request, reply) => {
    void reply.raw(Buffer.from(bytes, 'latin1'))
    return reply.fin()
  })
  return await recordedSession().get(origin.url('/'))
}

describe('an answer that breaks the grammar is refused without a byte of it', () => {
  it.each<[Lie, string]>([
    ['emptyReply', 'EMPTY_REPLY'],
    ['junkStatusLine', 'REPLY_MALFORMED'],
    ['truncatedStatusLine', 'REPLY_MALFORMED|EMPTY_REPLY'],
    ['truncatedHead', 'REPLY_MALFORMED|EMPTY_REPLY'],
    ['http09', 'REPLY_MALFORMED'],
    ['twoLengths', 'REPLY_MALFORMED'],
    ['negativeLength', 'REPLY_MALFORMED'],
    ['lengthAndChunked', 'REPLY_MALFORMED'],
    ['chunkedIdentity', 'REPLY_MALFORMED'],
    ['badChunkSize', 'REPLY_MALFORMED'],
    ['missingLastChunk', 'TRANSFER_TRUNCATED'],
    ['nulInHeader', 'REPLY_MALFORMED']
  ])('%s [security 6.15, 3A 50, 3A 53, faults]', async (lie, codes) => {
    await using origin = await startOrigin()
    origin.serve('/', {body: 'some text', fault: {lie}})
    const {outcome} = await recordedSession().get(origin.url('/'))
    expect(outcome.state).toBe('failed')
    expect(codes.split('|')).toContain(outcome.error?.code)
  })

  it.each([
    ['HTTP/1.1\r\n\r\n', 'a status line without a status [3A 53]'],
    ['HTTP/1.1 20 OK\r\n\r\n', 'a status of two digits [3A 53]'],
    ['HTTP/1.1 2000 OK\r\n\r\n', 'a status of four digits [3A 53]'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'the preface of HTTP/2 [3A 50]'],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 9007199254740993\r\n\r\nx',
      'a length beyond all numbers [security 6.15]'
    ],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\nx', 'a length in hexadecimal [security 6.15]'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello!', 'two lengths in one line [security 6.15]'],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      'two transfer codings [fact 6]'
    ],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc',
      'the identity transfer coding [security 6.15]'
    ],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      'chunked twice [security 6.15]'
    ],
    ['HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 1\r\n\r\nx', 'a blank in a field name']
  ])('%j: %s', async bytes => {
    const {outcome, body} = await fetchRaw(bytes)
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'REPLY_MALFORMED'}})
    expect(body.length).toBe(0)
  })

  it('fails although the parser accepted it, when an answer that has no body names a transfer coding', async () => {
    const {outcome} = await fetchRaw('HTTP/1.1 204 No Content\r\nTransfer-Encoding: gzip\r\n\r\n')
    expect(outcome.error?.code).toBe('REPLY_MALFORMED')
  })

  it('is not mistaken: names of fields that are names of objects are ordinary names [security 6.15]', async () => {
    const {outcome} = await fetchRaw(
      'HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\nContent-Length: 2\r\n\r\nok'
    )
    expect(outcome.response?.headers).toContainEqual(['__proto__', 'x'])
    expect(({} as {x?: unknown}).x).toBeUndefined()
    expect(outcome.state).toBe('completed')
  })
})

describe('a location that breaks the grammar is refused, and nothing more is asked', () => {
  it.each([
    [['/a', '/b'], 'REPLY_MALFORMED', 'two locations that differ [security 6.15]'],
    [['http://'], 'REPLY_MALFORMED', 'no address'],
    [['file:///etc/passwd'], 'UNSUPPORTED_SCHEME', 'a local file [CVE 36, fault 41]'],
    [['data:text/plain,x'], 'UNSUPPORTED_SCHEME', 'data [CVE 36]'],
    [['ftp://127.0.0.1/x'], 'UNSUPPORTED_SCHEME', 'FTP [CVE 36]'],
    [['javascript:alert(1)'], 'UNSUPPORTED_SCHEME', 'a script [CVE 36]'],
    [['unix:/var/run/docker.sock'], 'UNSUPPORTED_SCHEME', 'a local socket [CVE 35]'],
    [['ws://127.0.0.1/'], 'UNSUPPORTED_SCHEME', 'a web socket [3A 80]']
  ])('%j ends in %s: %s', async (locations, code) => {
    await using origin = await startOrigin()
    origin.on('*', (_request, reply) =>
      reply.respond(
        302,
        locations.map(location => ['Location', location] as const),
        'elsewhere'
      )
    )
    const recorded = recordedSession()
    const {outcome, body} = await recorded.get(origin.url('/from'))
    expect(outcome).toMatchObject({state: 'failed', error: {code}})
    expect(body.length).toBe(0)
    expect(origin.requests).toHaveLength(1)
  })

  it('but one location that is repeated is one location [security 6.15]', async () => {
    await using origin = await startOrigin()
    origin.on('/from', (_request, reply) =>
      reply.respond(302, [
        ['Location', '/to'],
        ['Location', '/to']
      ])
    )
    await recordedSession().get(origin.url('/from'))
    expect(origin.requests.map(({path}) => path)).toEqual(['/from', '/to'])
  })

  it('escaped line ends in it stay escaped [CVE 56]', async () => {
    await using origin = await startOrigin()
    origin.on('/from', (_request, reply) => reply.respond(302, {Location: '/to%0d%0aX-Evil:%201'}))
    await recordedSession().get(origin.url('/from'))
    expect(origin.requests[1]?.target).toBe('/to%0d%0aX-Evil:%201')
    expect(origin.requests[1]?.header('x-evil')).toBeUndefined()
  })
})

it('hangs up on an answer whose head is too large, so that its connection is not kept for nothing', async () => {
  await using origin = await startOrigin()
  origin.serve('/flood', {body: 'x', fault: {headerFlood: {lines: 6000}}})
  const recorded = recordedSession()
  const {outcome} = await recorded.get(origin.url('/flood'))
  expect(outcome).toMatchObject({state: 'failed', error: {code: 'HEADERS_TOO_LARGE'}})
  await expect.poll(() => origin.openConnections).toBe(0)
})
