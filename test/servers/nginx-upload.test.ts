import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {explanation} from '../cli/said.ts'
import {certificates} from '../origin/certificates.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {patience} from '../scratch/patience.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {startNginx} from './nginx.ts'
import type {Nginx, Served} from './nginx.ts'

const bytes = seededBytes(3_000_000, 5)
const short = seededBytes(1000, 6)
const login = `ana:${canary('nginx')}`
let nginx: Nginx

beforeAll(async () => {
  nginx = await startNginx({
    locations: `
      dav_methods PUT;
      create_full_put_path on;
      client_max_body_size 0;
      location /limited/ { client_max_body_size 1m; }
      location /fresh/ {
        set $wish $http_if_none_match;
        if (-f $request_filename) { set $wish "$wish of what exists"; }
        if ($wish = "* of what exists") { return 412; }
      }
      location /locked/ { auth_basic locked; auth_basic_user_file ROOT/logins; }
      location /moved/ { rewrite ^/moved/(.*) /dav/$1 break; return 307 $uri; }`
  })
  const [user, password] = login.split(':')
  nginx.write('logins', Buffer.from(`${user}:{PLAIN}${password}\n`))
})
afterAll(() => nginx?.close())

function fileWith(content: Buffer): string {
  const path = join(scratchFolder(), 'F')
  writeFileSync(path, content)
  return path
}

function stored(path: string): Buffer {
  return readFileSync(join(nginx.root, path))
}

// nginx writes its log when it is done with a request, which may be later than the client is.
async function served(uri: string, count = 1): Promise<readonly Served[]> {
  return vi.waitFor(() => {
    const found = nginx.requests.filter(request => request.uri === uri)
    expect(found.length).toBeGreaterThanOrEqual(count)
    return found
  }, patience)
}

describe('a WebDAV folder of nginx', () => {
  it('takes a new file and a known one whole, also where it was asked with nothing first', async () => {
    const words = ['--resumable', 'ietf', '--upload-mode', 'careful']
    for (const _time of ['new', 'known']) {
      const run = await runFerry(['upload', ...words, fileWith(bytes), nginx.url('/careful/')])
      expect(run, run.stderr).toMatchObject({code: 0})
      expect(stored('careful/F').equals(bytes)).toBe(true)
    }
  })

  it('takes a new file and a newer one in its place', async () => {
    const first = await runFerry(['upload', fileWith(bytes), nginx.url('/dav/')])
    expect(first, first.stderr).toMatchObject({code: 0})
    expect(stored('dav/F').equals(bytes)).toBe(true)
    const second = await runFerry(['upload', '--json', fileWith(short), nginx.url('/dav/F')])
    expect(second, second.stderr).toMatchObject({code: 0})
    expect(JSON.parse(second.stdout)).toMatchObject({
      ok: true,
      tasks: [{status: 204, bytes: 1000, total: 1000}]
    })
    expect(stored('dav/F').equals(short)).toBe(true)
  })

  it('takes a file over TLS, and standard input in chunks', async () => {
    const trust = ['--cacert', certificates.authorityPath]
    const run = await runFerry(['upload', ...trust, fileWith(bytes), nginx.tlsUrl('/dav/tls')])
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(stored('dav/tls').equals(bytes)).toBe(true)
    const piped = await runFerry(['upload', '-', nginx.url('/dav/piped')], {input: bytes})
    expect(piped, piped.stderr).toMatchObject({code: 0})
    expect(stored('dav/piped').equals(bytes)).toBe(true)
  })

  it('keeps what is there where only a new file is wanted', async () => {
    const only = ['upload', '-H', 'If-None-Match: *']
    const first = await runFerry([...only, fileWith(bytes), nginx.url('/fresh/F')])
    expect(first, first.stderr).toMatchObject({code: 0})
    const second = await runFerry([...only, fileWith(short), nginx.url('/fresh/F')])
    expect(second.code).toBe(22)
    expect(explanation(second).why).toContain('412')
    expect(stored('fresh/F').equals(bytes)).toBe(true)
  })

  it('sends a file to where it is redirected to', async () => {
    const run = await runFerry(['upload', fileWith(bytes), nginx.url('/moved/there')])
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(stored('dav/there').equals(bytes)).toBe(true)
  })
})

describe('a file that is too large for nginx', () => {
  it('is refused before its content is sent, because the head is sent first', async () => {
    const run = await runFerry(['upload', fileWith(bytes), nginx.url('/limited/asked')])
    expect(run.code).toBe(22)
    expect(explanation(run).why).toContain('413')
    const [put] = (await served('/limited/asked', 2)).filter(({method}) => method === 'PUT')
    expect(put).toMatchObject({expect: '100-continue', status: 413})
    expect(put?.length).toBeLessThan(1000)
  })

  it('is refused in the middle of its content too, and the refusal is what ferry tells', async () => {
    // More than the buffers on the way can take: the refusal comes while ferry waits to send.
    const file = fileWith(Buffer.alloc(50_000_000))
    const run = await runFerry(['upload', '-H', 'Expect:', file, nginx.url('/limited/unasked')])
    expect(run.code).toBe(22)
    expect(explanation(run).why).toContain('413')
    expect(existsSync(join(nginx.root, 'limited/unasked'))).toBe(false)
  })

  it('is taken where it fits, after 100 (Continue)', async () => {
    const fitting = bytes.subarray(0, 1024 * 1024)
    const run = await runFerry(['upload', fileWith(fitting), nginx.url('/limited/fits')])
    expect(run, run.stderr).toMatchObject({code: 0})
    const [put] = (await served('/limited/fits', 2)).filter(({method}) => method === 'PUT')
    expect(put).toMatchObject({expect: '100-continue', status: 201})
    expect(stored('limited/fits').equals(fitting)).toBe(true)
  })
})

describe('a locked folder of nginx', () => {
  it.each([
    ['at once', [], ['201']],
    ['when it asks', ['--anyauth'], ['401', '201']]
  ] as const)('takes a file from who signs in %s', async (how, flags, statuses) => {
    const name = how.replaceAll(' ', '-')
    const words = ['upload', '-u', 'env:LOGIN', ...flags, fileWith(bytes), nginx.url(`/locked/${name}`)]
    const run = await runFerry(words, {env: {LOGIN: login}})
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(stored(`locked/${name}`).equals(bytes)).toBe(true)
    const puts = (await served(`/locked/${name}`, statuses.length)).filter(({method}) => method === 'PUT')
    expect(puts.map(({status}) => String(status))).toEqual(statuses)
  })

  it('takes nothing from anybody else', async () => {
    const run = await runFerry(['upload', fileWith(bytes), nginx.url('/locked/nobody')])
    expect(run.code).toBe(22)
    expect(explanation(run).why).toContain('401')
    expect(existsSync(join(nginx.root, 'locked/nobody'))).toBe(false)
  })
})
