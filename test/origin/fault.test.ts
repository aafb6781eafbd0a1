import {expect, it} from 'vitest'
import type {OriginOptions} from './origin.ts'
import {startOrigin} from './origin.ts'
import type {Talk} from './raw-client.ts'
import {get, talk} from './raw-client.ts'
import type {Fault, Resource} from './resource.ts'
import {seededBytes} from './seeded-bytes.ts'

const body = seededBytes(100_000, 5)
const resource: Resource = {body, entityTag: '"v1"'}

async function meet(fault: Fault, how: Partial<Talk> & OriginOptions = {}) {
  await using origin = await startOrigin(how)
  origin.serve('/file', {...resource, fault})
  return await talk(origin, {send: get('/file'), ...how})
}

const ranged = {send: get('/file', {range: 'bytes=1000-1999'})}

it.each([0, 70_000])('cuts with FIN after exactly %i bytes of the body', async count => {
  const {body: received, end, text} = await meet({cutAfter: count})
  expect(received).toEqual(body.subarray(0, count))
  expect(text).toContain('content-length: 100000')
  expect(end).toBe('fin')
})

it('resets after exactly so many bytes', async () => {
  const {body: received, end} = await meet({resetAfter: 70_000})
  expect(received).toEqual(body.subarray(0, 70_000))
  expect(end).toBe('ECONNRESET')
})

it('falls silent after so many bytes and keeps the connection', async () => {
  const {body: received, end} = await meet({stallAfter: 500}, {patience: 150})
  expect(received).toEqual(body.subarray(0, 500))
  expect(end).toBe('silence')
})

it('holds the rest back until the test lets it go', async () => {
  await using origin = await startOrigin()
  const gate = Promise.withResolvers<void>()
  origin.serve('/file', {...resource, fault: {holdAfter: {bytes: 500, until: gate.promise}}})
  const silent = await talk(origin, {send: get('/file'), patience: 150})
  expect(silent).toMatchObject({body: body.subarray(0, 500), end: 'silence'})
  gate.resolve()
  expect((await talk(origin, {send: get('/file')})).body).toEqual(body)
})

it('breaks a TLS connection after exactly so many bytes as well', async () => {
  const cut = await meet({tlsCutAfter: 70_000}, {tls: 'good'})
  expect(cut.body).toEqual(body.subarray(0, 70_000))
  expect(await meet({cutAfter: 70_000}, {tls: 'good'})).toMatchObject({body: cut.body, end: 'fin'})
  expect((await meet({resetAfter: 70_000}, {tls: 'good'})).end).toBe('ECONNRESET')
})

it('bends a range: later, earlier, shorter, another total, other fields, another form', async () => {
  const late = await meet({shiftRange: 10}, ranged)
  expect(late.text).toContain('content-range: bytes 1010-1999/100000')
  expect(late.body).toEqual(body.subarray(1010, 2000))
  const early = await meet({shiftRange: -10}, ranged)
  expect(early.text).toContain('content-range: bytes 990-1999/100000')
  expect(early.body).toEqual(body.subarray(990, 2000))
  const short = await meet({shortenRange: 400}, ranged)
  expect(short.text).toContain('content-range: bytes 1000-1599/100000')
  expect(short.body).toEqual(body.subarray(1000, 1600))
  expect((await meet({totalInRange: '*'}, ranged)).text).toContain('content-range: bytes 1000-1999/*')
  const bare = await meet({headers: {'content-range': undefined, etag: '"v2"'}}, ranged)
  expect(bare.text).toMatch(/^HTTP\/1\.1 206 /)
  expect(bare.text).not.toContain('content-range')
  expect(bare.text).toContain('etag: "v2"')
  const multipart = await meet({rangeForm: 'multipart'}, ranged)
  expect(multipart.text).toContain('content-type: multipart/byteranges; boundary=seam')
  expect(multipart.body.includes(body.subarray(1000, 2000))).toBe(true)
})

it('sends interim answers before the final one, without end if asked', async () => {
  const {text} = await meet({informational: 3})
  expect(text.match(/HTTP\/1\.1 103 /g)).toHaveLength(3)
  expect(text).toContain('HTTP/1.1 200 OK')
  await using origin = await startOrigin()
  origin.serve('/file', {...resource, fault: {informational: 'endless'}})
  const endless = (await talk(origin, {send: get('/file'), most: 200_000})).text
  expect(endless.match(/HTTP\/1\.1 103 /g)?.length).toBeGreaterThan(100)
  expect(endless).not.toContain('HTTP/1.1 200')
})

it('keeps the head back for a time, or until the test lets it go', async () => {
  expect(await meet({delayHead: 100_000}, {patience: 100})).toMatchObject({text: '', end: 'silence'})
  expect(await meet({holdHead: new Promise(() => {})}, {patience: 100})).toMatchObject({
    text: '',
    end: 'silence'
  })
  expect((await meet({delayHead: 20})).body).toEqual(body)
  expect((await meet({holdHead: Promise.resolve()})).body).toEqual(body)
})

it('sends more bytes than it promised', async () => {
  const {text, body: received} = await meet({extraBytes: 7})
  expect(text).toContain('content-length: 100000')
  expect(received).toEqual(Buffer.concat([body, Buffer.from('xxxxxxx')]))
})

it('paces the body at the limit', async () => {
  const started = performance.now()
  const {body: received} = await meet({limit: 400_000})
  expect(received).toEqual(body)
  expect(performance.now() - started).toBeGreaterThan(200)
})

it('drips head and body in small writes', async () => {
  const small = {send: get('/file', {range: 'bytes=0-29'})}
  const {text, chunks} = await meet(
    {headDrip: {bytes: 40, everyMs: 5}, drip: {bytes: 10, everyMs: 20}},
    small
  )
  expect(text).toMatch(/^HTTP\/1\.1 206 /)
  expect(chunks).toBeGreaterThan(3)
})

it('floods the head by lines or by bytes', async () => {
  expect((await meet({headerFlood: {lines: 300}})).text).toContain('x-flood-299: f\r\n')
  expect((await meet({headerFlood: {bytes: 50_000}})).text).toContain(`x-flood: ${'f'.repeat(50_000)}\r\n`)
})

it('meets the first requests with their own faults and the later ones with the lasting fault', async () => {
  await using origin = await startOrigin()
  const moved = {status: 302, location: '/other'}
  origin.serve('/file', {...resource, faults: [{retryAfter: 2}, {redirect: moved}], fault: {cutAfter: 9}})
  const first = await talk(origin, {send: get('/file')})
  expect(first.text).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 2\r\n/)
  expect((await talk(origin, {send: get('/file')})).text).toMatch(/^HTTP\/1\.1 302 [^]*location: \/other\r\n/)
  expect((await talk(origin, {send: get('/file')})).body).toHaveLength(9)
  expect((await talk(origin, {send: get('/file')})).body).toHaveLength(9)
})

it.each([
  ['emptyReply', /^$/],
  ['junkStatusLine', /^THIS IS NOT/],
  ['truncatedStatusLine', /^HTTP\/1\.1 20$/],
  ['truncatedHead', /Content-Ty$/],
  ['http09', /^hello$/],
  ['twoLengths', /Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello$/],
  ['negativeLength', /Content-Length: -5\r\n\r\nhello$/],
  ['lengthAndChunked', /Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/],
  ['badChunkSize', /\r\n\r\n5\r\nhello\r\nzz\r\nmore\r\n0\r\n\r\n$/],
  ['foldedHeader', /X-Folded: one\r\n two\r\n/],
  ['nulInHeader', /X-Nul: a\0b\r\n/],
  ['chunkedIdentity', /Transfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/],
  ['missingLastChunk', /\r\n\r\n5\r\nhello\r\n$/]
] as const)('tells the lie %s to the letter', async (lie, expected) => {
  await using origin = await startOrigin()
  origin.serve('/file', {body: 'hello', fault: {lie}})
  const {text, end} = await talk(origin, {send: get('/file')})
  expect(text).toMatch(expected)
  expect(end).toBe('fin')
})
