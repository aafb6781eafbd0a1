import {gzipSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {canary} from '../canary/canary.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {patience} from '../scratch/patience.ts'
import {startNginx} from './nginx.ts'
import type {Nginx, Served} from './nginx.ts'
import {digestOf, untilReceived, visitor} from './visitor.ts'

const bytes = seededBytes(300_000, 1)
const text = Buffer.from('a line that can be compressed\n'.repeat(3000))
let nginx: Nginx

beforeAll(async () => {
  nginx = await startNginx({
    locations: `
      location /packed/ { alias ROOT/; gzip on; gzip_types *; gzip_min_length 1; }
      location /prepared/ { alias ROOT/; gzip_static on; }
      location /paced/ { alias ROOT/; sendfile_max_chunk 16k; limit_rate 200k; }
      location /here { return 302 /there; }
      location /there { return 307 /F; }
      location /loop { return 301 /loop; }
      location /abroad { return 302 https://localhost:$arg_port/F?abroad; }`
  })
  nginx.write('F', bytes)
  nginx.write('text', text)
  nginx.write('text.gz', gzipSync(text))
})
afterAll(() => nginx?.close())

// nginx writes its log when it is done with a request, which may be later than the client is.
async function lastServed(uri: string): Promise<Served> {
  return vi.waitFor(() => {
    const served = nginx.requests.findLast(request => request.uri === uri)
    if (!served) throw new Error(`nginx has not answered ${uri} yet`)
    return served
  }, patience)
}

describe('a file from nginx', () => {
  it('arrives whole, without a range in the request and with nothing left beside it', async () => {
    const guest = visitor()
    expect(await guest.download(nginx.url('/F?whole'))).toMatchObject({
      state: 'completed',
      path: guest.target
    })
    expect(guest.content).toBe(digestOf(bytes))
    expect(guest.files).toEqual(['F'])
    expect(await lastServed('/F?whole')).toMatchObject({method: 'GET', status: 200, range: ''})
  })

  it('arrives over TLS from a certificate that the given authority signed', async () => {
    const guest = visitor()
    expect(await guest.download(nginx.tlsUrl('/F'))).toMatchObject({state: 'completed'})
    expect(guest.content).toBe(digestOf(bytes))
  })

  it('is refused over TLS when nobody vouches for the certificate, and no file appears', async () => {
    const guest = visitor({tls: {ca: undefined}})
    expect(await guest.download(nginx.tlsUrl('/F'))).toMatchObject({error: {code: 'CERTIFICATE_REFUSED'}})
    expect(guest.files).toEqual([])
  })

  it('may come slowly: only silence is a time-out, not a transfer that is longer than it', async () => {
    const guest = visitor({timeouts: {idle: 0.6}})
    const task = guest.start(nginx.url('/paced/F'))
    await untilReceived(task, 1)
    expect(task.countOfBytesReceived).toBeLessThan(bytes.length)
    expect(await task.outcome).toMatchObject({state: 'completed'})
    expect(Date.now() - (task.started ?? Date.now())).toBeGreaterThan(600)
    expect(guest.content).toBe(digestOf(bytes))
  })

  it('that is missing fails with its status, and no file appears', async () => {
    const guest = visitor()
    const outcome = await guest.download(nginx.url('/missing'))
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 404}})
    expect(guest.files).toEqual([])
  })

  it('has no bytes beyond its end: 416 is a failure when the range was the wish of the user', async () => {
    const guest = visitor()
    const outcome = await guest.download(nginx.url('/F'), {headers: [['Range', 'bytes=300000-']]})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 416}})
    expect(guest.files).toEqual([])
  })

  it('gives the piece that was asked for', async () => {
    const guest = visitor()
    const outcome = await guest.download(nginx.url('/F'), {headers: [['Range', 'bytes=1000-1999']]})
    expect(outcome).toMatchObject({state: 'completed', response: {status: 206}})
    expect(guest.content).toBe(digestOf(bytes.subarray(1000, 2000)))
  })

  it('answers HEAD with the length and no body', async () => {
    const guest = visitor()
    const task = guest.session.dataTask({url: new URL(nginx.url('/F')), method: 'HEAD', headers: []})
    task.resume()
    const outcome = await task.outcome
    expect(outcome).toMatchObject({state: 'completed', response: {expectedContentLength: bytes.length}})
    expect(task.countOfBytesReceived).toBe(0)
  })
})

describe('compression by nginx', () => {
  it.each(['/packed/text', '/prepared/text'])('is not asked for unless wanted: %s', async path => {
    const guest = visitor()
    expect(await guest.download(nginx.url(`${path}?plain`))).toMatchObject({state: 'completed'})
    expect(guest.content).toBe(digestOf(text))
    expect(await lastServed(`${path}?plain`)).toMatchObject({sentEncoding: ''})
  })

  it.each(['/packed/text', '/prepared/text'])('is undone where it was asked for: %s', async path => {
    const guest = visitor()
    expect(await guest.download(nginx.url(`${path}?small`), {decode: true})).toMatchObject({
      state: 'completed'
    })
    expect(guest.content).toBe(digestOf(text))
    expect(await lastServed(`${path}?small`)).toMatchObject({sentEncoding: 'gzip'})
  })
})

describe('redirections by nginx', () => {
  it('are followed to the file, also relative ones', async () => {
    const guest = visitor()
    const outcome = await guest.download(nginx.url('/here'))
    expect(outcome).toMatchObject({state: 'completed', response: {url: new URL(nginx.url('/F'))}})
    expect(guest.content).toBe(digestOf(bytes))
  })

  it('without an end are given up after the limit', async () => {
    const guest = visitor({redirects: {max: 4}})
    expect(await guest.download(nginx.url('/loop'))).toMatchObject({error: {code: 'TOO_MANY_REDIRECTS'}})
    await vi.waitFor(
      () => expect(nginx.requests.filter(({uri}) => uri === '/loop')).toHaveLength(5),
      patience
    )
    expect(guest.files).toEqual([])
  })

  it('to another origin take no credentials along', async () => {
    const guest = visitor()
    const secret = canary('nginx', nginx)
    const headers = [['Authorization', `Bearer ${secret}`]] as const
    const outcome = await guest.download(nginx.url(`/abroad?port=${nginx.tlsPort}`), {headers})
    expect(outcome).toMatchObject({state: 'completed'})
    expect(await lastServed(`/abroad?port=${nginx.tlsPort}`)).toMatchObject({
      authorization: `Bearer ${secret}`
    })
    expect(await lastServed('/F?abroad')).toMatchObject({authorization: '', status: 200})
  })
})
