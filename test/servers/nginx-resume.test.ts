import {readFileSync, statSync, truncateSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {patience} from '../scratch/patience.ts'
import {startNginx} from './nginx.ts'
import type {Nginx} from './nginx.ts'
import {digestOf, untilReceived, visitor} from './visitor.ts'
import type {Visitor} from './visitor.ts'

const first = seededBytes(2_000_000, 1)
const second = seededBytes(2_000_000, 2)
const later = new Date('2024-05-07T00:00:00Z')
let nginx: Nginx

beforeEach(async () => {
  nginx = await startNginx({
    locations: `
      location /whole/ { alias ROOT/; sendfile_max_chunk 16k; limit_rate $first_rate; max_ranges 0; }
      location /expired/ { return 403; }`
  })
  onTestFinished(() => nginx.close())
  nginx.write('F', first)
})

function bytesHeld({resumeData}: Visitor): number {
  return (JSON.parse(readFileSync(resumeData, 'utf8')) as {bytesReceived: number}).bytesReceived
}

function entityTag(content: Uint8Array, time: Date): string {
  return `"${(time.getTime() / 1000).toString(16)}-${content.length.toString(16)}"`
}

describe('a download from nginx that was paused', () => {
  it('continues with the rest of the same version, and only with the rest', async () => {
    const guest = visitor()
    await guest.pauseMidway(nginx.url('/slow/F'))
    const held = bytesHeld(guest)
    expect(await guest.resume()).toMatchObject({state: 'completed', path: guest.target})
    expect(guest.content).toBe(digestOf(first))
    expect(guest.files).toEqual(['F'])
    expect(guest.resumptions).toMatchObject([{offset: held, expectedTotalBytes: first.length}])
    await vi.waitFor(
      () =>
        expect(nginx.requests.at(-1)).toMatchObject({
          status: 206,
          range: `bytes=${held}-`,
          ifRange: entityTag(first, statSync(join(nginx.root, 'F')).mtime)
        }),
      patience
    )
  })

  it('continues over TLS', async () => {
    const guest = visitor()
    await guest.pauseMidway(nginx.tlsUrl('/slow/F'))
    expect(await guest.resume()).toMatchObject({state: 'completed', response: {status: 206}})
    expect(guest.content).toBe(digestOf(first))
  })

  it('starts again where another version has taken its place meanwhile', async () => {
    const guest = visitor()
    await guest.pauseMidway(nginx.url('/slow/F'))
    nginx.write('F', second, later)
    expect(await guest.resume()).toMatchObject({state: 'completed', response: {status: 200}})
    expect(guest.resumptions).toMatchObject([{offset: 0}])
    expect(guest.content).toBe(digestOf(second))
  })

  it('starts again where the new version is shorter than what is here, and keeps no old tail', async () => {
    const guest = visitor()
    await guest.pauseMidway(nginx.url('/slow/F'))
    const short = second.subarray(0, 100)
    nginx.write('F', short, later)
    expect(await guest.resume()).toMatchObject({state: 'completed'})
    expect(guest.content).toBe(digestOf(short))
  })

  it('keeps everything when the link has expired, and continues from a new one', async () => {
    const guest = visitor()
    await guest.pauseMidway(nginx.url('/slow/F'))
    const held = bytesHeld(guest)
    const refused = await guest.resume({url: new URL(nginx.url('/expired/F'))})
    expect(refused).toMatchObject({state: 'failed', error: {status: 403}, resumeData: guest.resumeData})
    expect(bytesHeld(guest)).toBe(held)
    expect(await guest.resume({url: new URL(nginx.url('/slow/F'))})).toMatchObject({state: 'completed'})
    expect(guest.content).toBe(digestOf(first))
  })

  it('starts again where nginx ignores ranges, because the tag alone promised that it might not', async () => {
    const guest = visitor()
    await guest.pauseMidway(nginx.url('/whole/F'))
    expect(await guest.resume()).toMatchObject({state: 'completed', response: {status: 200}})
    expect(guest.resumptions).toMatchObject([{offset: 0}])
    expect(guest.content).toBe(digestOf(first))
    await vi.waitFor(() => expect(nginx.requests.at(-1)).toMatchObject({status: 200}), patience)
    expect(nginx.requests.at(-1)?.range).not.toBe('')
  })

  it('asks again for what the partial file has lost', async () => {
    const guest = visitor()
    await guest.pauseMidway(nginx.url('/slow/F'))
    truncateSync(join(guest.folder, 'F.part'), 1)
    expect(await guest.resume({url: new URL(nginx.url('/F'))})).toMatchObject({
      state: 'completed',
      response: {status: 200}
    })
    expect(guest.content).toBe(digestOf(first))
  })
})

describe('a download from an nginx in trouble', () => {
  it('goes on in the same run when nginx is stopped and started again [fault 42]', async () => {
    const guest = visitor({retry: {attempts: 50, delay: 0.05}})
    const task = guest.start(nginx.url('/slow/F'))
    await untilReceived(task, 100_000)
    await nginx.stop()
    await sleep(300)
    expect(task.hasEnded).toBe(false)
    await nginx.start()
    expect(await task.outcome).toMatchObject({state: 'completed'})
    expect(guest.content).toBe(digestOf(first))
    expect(task.restarted).toBe(false)
    await vi.waitFor(() => expect(nginx.requests.at(-1)).toMatchObject({status: 206}), patience)
    expect(nginx.requests.at(-1)?.ifRange).not.toBe('')
  })

  it('ends by the idle time-out when nginx freezes mid body, and can be continued when it thaws [fault 9]', async () => {
    const guest = visitor({timeouts: {idle: 0.5}})
    const task = guest.start(nginx.url('/slow/F'))
    await untilReceived(task, 100_000)
    nginx.freeze()
    const outcome = await task.outcome
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'TIMED_OUT'}, resumeData: guest.resumeData})
    expect(bytesHeld(guest)).toBeGreaterThanOrEqual(100_000)
    expect(guest.files).toEqual(['F.ferry', 'F.part'])
    nginx.thaw()
    expect(await guest.resume()).toMatchObject({state: 'completed', response: {status: 206}})
    expect(guest.content).toBe(digestOf(first))
  })
})
