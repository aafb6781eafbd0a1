import {expect, it} from 'vitest'
import {startOrigin} from './origin.ts'
import {get, talk} from './raw-client.ts'
import type {Resource} from './resource.ts'
import {seededBytes, seededSlice} from './seeded-bytes.ts'

const body = seededBytes(200_000, 7)
const resource: Resource = {body, entityTag: '"v1"', lastModified: 'Mon, 01 Jan 2024 00:00:00 GMT'}

async function answerTo(fields: Readonly<Record<string, string>>, served: Resource = resource) {
  await using origin = await startOrigin()
  origin.serve('/file', served)
  return await talk(origin, {send: get('/file', fields)})
}

it('makes any slice of a seeded body equal to the same bytes of the whole', () => {
  expect(seededSlice(7, 65_000, 70_000)).toEqual(body.subarray(65_000, 135_000))
  expect(seededBytes(1000, 8)).not.toEqual(seededBytes(1000, 7))
  expect(seededSlice(7, 0, 1000)).not.toEqual(seededSlice(7, 65_536, 1000))
})

it('serves a body beyond 4 GiB at any offset without holding it', async () => {
  const size = 6 * 1024 ** 3
  const {text, body: tail} = await answerTo({range: `bytes=${size - 100}-`}, {body: {size, seed: 3}})
  expect(text).toContain(`content-range: bytes ${size - 100}-${size - 1}/${size}`)
  expect(tail).toEqual(seededSlice(3, size - 100, 100))
})

it.each([
  ['bytes=100-299', 100, 300],
  ['bytes=199000-', 199_000, 200_000],
  ['bytes=199000-900000', 199_000, 200_000],
  ['bytes=-50', 199_950, 200_000]
])('answers %s with 206 and just those bytes', async (range, first, end) => {
  const {text, body: received} = await answerTo({range})
  expect(text).toMatch(/^HTTP\/1\.1 206 Partial Content\r\n/)
  expect(text).toContain(`content-range: bytes ${first}-${end - 1}/200000`)
  expect(received).toEqual(body.subarray(first, end))
})

it.each([
  ['a range, when ranges are ignored', {range: 'bytes=5-'}, {ranges: 'ignored'}],
  ['a range behind another entity tag', {range: 'bytes=5-', 'if-range': '"v0"'}, {}],
  [
    'a range behind the same but weak entity tag',
    {range: 'bytes=5-', 'if-range': 'W/"v1"'},
    {entityTag: 'W/"v1"'}
  ],
  ['two ranges', {range: 'bytes=0-1,5-6'}, {}],
  ['another unit', {range: 'lines=0-1'}, {}]
] satisfies [string, Record<string, string>, Partial<Resource>][])(
  'answers %s with the whole',
  async (_case, fields, changes) => {
    const {text, body: received} = await answerTo(fields, {...resource, ...changes})
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(received).toEqual(body)
  }
)

it('sends the range whatever If-Range says, when told to ignore it', async () => {
  const fields = {range: 'bytes=5-', 'if-range': '"v0"'}
  const {text} = await answerTo(fields, {...resource, ifRange: 'ignored'})
  expect(text).toMatch(/^HTTP\/1\.1 206 /)
})

it('answers a range past the end with 416 and the length, unless told to leave it out', async () => {
  const fields = {range: 'bytes=200000-'}
  const told = await answerTo(fields)
  expect(told.text).toMatch(/^HTTP\/1\.1 416 /)
  expect(told.text).toContain('content-range: bytes */200000\r\n')
  const untold = await answerTo(fields, {...resource, unsatisfied: 'withoutLength'})
  expect(untold.text).toMatch(/^HTTP\/1\.1 416 /)
  expect(untold.text).not.toContain('content-range')
})

it.each([
  [{'if-none-match': '"v0", W/"v1"'}, 304],
  [{'if-none-match': '"v0"'}, 200],
  [{'if-match': '"v1"'}, 200],
  [{'if-match': '"v0"'}, 412],
  [{'if-modified-since': 'Mon, 01 Jan 2024 00:00:00 GMT'}, 304],
  [{'if-modified-since': 'Sun, 31 Dec 2023 00:00:00 GMT'}, 200],
  [{'if-unmodified-since': 'Sun, 31 Dec 2023 00:00:00 GMT'}, 412]
])('weighs the condition %j: %i', async (fields, status) => {
  const {text} = await answerTo(fields)
  expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
})

it('frames the body by length, in chunks, or by the end of the connection', async () => {
  const small: Resource = {body: 'hello'}
  expect((await answerTo({}, small)).text).toMatch(/content-length: 5\r\n\r\nhello$/)
  expect((await answerTo({}, {...small, framing: 'chunked'})).text).toMatch(
    /\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/
  )
  const close = await answerTo({connection: 'keep-alive'}, {...small, framing: 'close'})
  expect(close.text).not.toMatch(/content-length|transfer-encoding/)
  expect(close).toMatchObject({body: Buffer.from('hello'), end: 'fin'})
})

it('serves the new version from the next request on after a change', async () => {
  await using origin = await startOrigin()
  origin.serve('/file', resource)
  expect((await talk(origin, {send: get('/file')})).text).toContain('etag: "v1"')
  origin.change('/file', {...resource, body: 'new', entityTag: '"v2"'})
  const {text} = await talk(origin, {send: get('/file')})
  expect(text).toContain('etag: "v2"')
  expect(text).toMatch(/\r\n\r\nnew$/)
})
