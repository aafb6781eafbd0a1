import {expect, it} from 'vitest'
import {respond} from '../../origin/handlers.ts'
import type {Resource} from '../../origin/resource.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, first, openStage, second} from './stage.ts'

const held = 400
const rest = first.body.subarray(held)
const contentRange = `bytes ${held}-999/1000`

/** What the server says from now on, and how the transfer has to go: Range of each request, where it began. */
interface Step {
  readonly title: string
  readonly server: Resource & {body: Buffer}
  readonly ranges: readonly (string | undefined)[]
  readonly offset: number
}

const asked = `bytes=${held}-`

const steps: Step[] = [
  {
    title: 'appends a 206 with the same tag, total and start [D5]',
    server: first,
    ranges: [asked],
    offset: held
  },
  {
    title: 'appends a 206 that repeats no validator: silence is no contradiction [D5]',
    server: {...first, fault: {headers: {etag: undefined}}},
    ranges: [asked],
    offset: held
  },
  {
    title: 'writes a 206 that starts earlier where it starts [D6, fault 25]',
    server: {...first, fault: {shiftRange: -150}},
    ranges: [asked],
    offset: 250
  },
  {
    title: 'asks once more without a range when the 206 starts later, and leaves no hole [D7, fault 24]',
    server: {...first, faults: [{shiftRange: 10}]},
    ranges: [asked, undefined],
    offset: 0
  },
  {
    title: 'asks once more without a range when the 206 does not say where it starts [D7, fault 29]',
    server: {...first, faults: [{headers: {'content-range': undefined}}]},
    ranges: [asked, undefined],
    offset: 0
  },
  {
    title: 'asks once more without a range when Content-Range cannot be read [D7]',
    server: {...first, faults: [{headers: {'content-range': 'bytes 400-/1000'}}]},
    ranges: [asked, undefined],
    offset: 0
  },
  {
    title: 'asks once more without a range when one range comes as multipart [D7, fault 28]',
    server: {...first, faults: [{rangeForm: 'multipart'}]},
    ranges: [asked, undefined],
    offset: 0
  },
  {
    title: 'asks once more without a range when the piece is longer or shorter than its range says [D7]',
    server: {...first, faults: [{headers: {'content-range': 'bytes 400-998/1000'}}]},
    ranges: [asked, undefined],
    offset: 0
  },
  {
    title: 'accepts a 206 with an unknown total [D8]',
    server: {...first, fault: {totalInRange: '*'}},
    ranges: [asked],
    offset: held
  },
  {
    title: 'fetches everything anew when a 206 ends beyond the total that was known [D8]',
    server: {
      ...first,
      body: Buffer.concat([first.body, rest]),
      ifRange: 'ignored',
      faults: [{totalInRange: '*'}]
    },
    ranges: [asked, undefined],
    offset: 0
  },
  {
    title: 'fetches everything anew when the 206 has another total [D8, fault 27]',
    server: {...second, entityTag: '"v1"', body: seededBytes(1200, 2)},
    ranges: [asked, undefined],
    offset: 0
  },
  {
    title: 'fetches everything anew when a server that ignores If-Range shows another tag [D9, fault 33]',
    server: {...second, ifRange: 'ignored'},
    ranges: [asked, undefined],
    offset: 0
  },
  {
    title: 'asks for the rest of a 206 that is shorter than asked [D10, fault 26]',
    server: {...first, faults: [{shortenRange: 200}, {shortenRange: 50}]},
    ranges: [asked, 'bytes=800-', 'bytes=950-'],
    offset: held
  },
  {
    title: 'takes the body of a 200 for the whole of another version [D11, wrong 1]',
    server: second,
    ranges: [asked],
    offset: 0
  },
  {
    title: 'takes the body of a 200 for the whole when the server knows no ranges [D11, fault 23]',
    server: {...first, ranges: 'ignored', acceptRanges: 'absent'},
    ranges: [asked],
    offset: 0
  },
  {
    title: 'keeps nothing of a longer part when the new version is shorter [D21]',
    server: {...second, body: seededBytes(100, 2)},
    ranges: [asked],
    offset: 0
  },
  {
    title: 'keeps nothing of a longer part even where tag and range pretend the same version [D21]',
    server: {...second, entityTag: '"v1"', body: seededBytes(100, 2), ranges: 'ignored'},
    ranges: [asked],
    offset: 0
  },
  {
    title: 'fetches everything anew when the range is beyond a shorter version [D13, D21, fault 32]',
    server: {...second, body: seededBytes(100, 2), ifRange: 'ignored'},
    ranges: [asked, undefined],
    offset: 0
  }
]

it.each(steps)('$title', async ({server, ranges, offset}) => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  stage.origin.change('/F', server)
  const outcome = await stage.resume()
  expect(outcome.error).toBeUndefined()
  expect(outcome).toMatchObject({state: 'completed', path: stage.target})
  expect(stage.content).toBe(digestOf(server.body))
  expect(stage.ranges).toEqual(ranges)
  expect(stage.resumptions).toMatchObject([{offset}])
  expect(stage.files).toEqual(['F'])
})

it('takes a 200 that carries the range asked for as the continuation it is [D12, wrong 3]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  stage.origin.on('/F', respond(200, {etag: '"v1"', 'content-range': contentRange}, rest))
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.content).toBe(digestOf(first.body))
  expect(stage.origin.requests).toHaveLength(1)
})

it.each([
  ['starts elsewhere', {etag: '"v1"', 'content-range': 'bytes 300-899/1000'}],
  ['has another tag', {etag: '"v2"', 'content-range': contentRange}],
  ['is encoded', {etag: '"v1"', 'content-range': contentRange, 'content-encoding': 'gzip'}]
])('does not write a 200 with a slice that %s [D12, fault 30]', async (_case, fields) => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  stage.origin.script('/F', [respond(200, fields, rest), respond(200, {etag: second.entityTag}, second.body)])
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.content).toBe(digestOf(second.body))
  expect(stage.ranges).toEqual([asked, undefined])
})

it('fetches everything anew after a 412, which some layer on the way caused [D14]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  stage.origin.script('/F', [respond(412, {}, 'no'), respond(200, {etag: second.entityTag}, second.body)])
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.content).toBe(digestOf(second.body))
  expect(stage.ranges).toEqual([asked, undefined])
})

it('sends the strong tag and asks for identity, and a date only where no tag is [semantics 2.4, wrong 5, wrong 20]', async () => {
  const stage = await openStage()
  const dated = {
    body: first.body,
    lastModified: 'Sat, 21 Nov 2026 08:00:00 GMT',
    date: 'Sat, 21 Nov 2026 08:10:00 GMT'
  }
  await stage.interrupt({...dated, entityTag: '"v1"'}, held)
  await stage.resume()
  const [tagged] = stage.origin.requests
  expect(tagged?.header('if-range')).toBe('"v1"')
  expect(tagged?.header('accept-encoding')).toBe('identity')
  expect(tagged?.header('if-match')).toBeUndefined()
  await stage.interrupt(dated, held)
  await stage.resume()
  expect(stage.origin.requests[0]?.header('if-range')).toBe(dated.lastModified)
  expect(stage.content).toBe(digestOf(first.body))
})
