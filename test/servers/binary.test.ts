import {createHash} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import {certificates} from '../origin/certificates.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {patience} from '../scratch/patience.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {startHttpbin} from './httpbin.ts'
import type {Httpbin} from './httpbin.ts'
import {startNginx} from './nginx.ts'
import type {Nginx} from './nginx.ts'

const bytes = seededBytes(2_000_000, 3)
// Long enough to be hashed in a thread of its own, and to be paused on a loaded machine.
const long = seededBytes(40_000_000, 4)
const sha256 = createHash('sha256').update(long).digest('hex')
let nginx: Nginx
let httpbin: Httpbin

beforeAll(async () => {
  nginx = await startNginx()
  nginx.write('F', bytes)
  nginx.write('long', long)
  httpbin = await startHttpbin()
}, 60_000)
afterAll(async () => {
  await nginx?.close()
  await httpbin?.close()
})

interface Listed {
  readonly id: string
  readonly actions: readonly string[]
}

async function listTasks(home: string): Promise<Listed[]> {
  const {stdout} = await runFerry(['tasks', '--json'], {env: {FERRY_HOME: home}})
  return (JSON.parse(stdout) as {tasks: Listed[]}).tasks
}

function isThere(path: string): Promise<void> {
  return vi.waitFor(() => expect(existsSync(path)).toBe(true), patience)
}

describe('the built ferry', () => {
  it('gets a file from nginx and proves its checksum, while another checksum ends with 110 and no file', async () => {
    const cwd = scratchFolder()
    expect(await runFerry(['get', '--sha256', sha256, nginx.url('/long')], {cwd})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'long')).equals(long)).toBe(true)
    const other = ['get', '-o', 'other', '--sha256', '0'.repeat(64), nginx.url('/long')]
    expect(await runFerry(other, {cwd})).toMatchObject({code: 110})
    expect(existsSync(join(cwd, 'other'))).toBe(false)
  })

  it('gets a file over TLS with --cacert, and exits with 60 without it', async () => {
    const cwd = scratchFolder()
    const address = nginx.tlsUrl('/F')
    expect(await runFerry(['get', address], {cwd})).toMatchObject({code: 60})
    expect(existsSync(join(cwd, 'F'))).toBe(false)
    const trusting = ['get', '--cacert', certificates.authorityPath, address]
    expect(await runFerry(trusting, {cwd})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F')).equals(bytes)).toBe(true)
  })

  it('is paused from another process with 114, listed as paused, and resumed to the whole file', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const env = {FERRY_HOME: home}
    const first = startFerry(['get', '--label', 'crossing', nginx.url('/slow/long')], {cwd, env})
    await isThere(join(cwd, 'long.ferry'))
    const running = await vi.waitFor(async () => {
      const [listed] = await listTasks(home)
      expect(listed).toMatchObject({actions: expect.arrayContaining(['pause']) as unknown})
      return listed
    }, patience)
    expect(await runFerry(['pause', running?.id ?? ''], {env})).toMatchObject({code: 0})
    expect(await first.done).toMatchObject({code: 114})
    const [paused] = await listTasks(home)
    expect(paused).toMatchObject({state: 'paused', pid: null})
    expect(await runFerry(['resume', paused?.id ?? ''], {cwd, env})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'long')).equals(long)).toBe(true)
    expect(existsSync(join(cwd, 'long.ferry'))).toBe(false)
  })

  it('exits with 22 for a 404 and leaves nothing', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', '-o', 'F', nginx.url('/missing')], {cwd})
    expect(run).toMatchObject({code: 22})
    expect(run.stderr).toContain('404')
    expect(existsSync(join(cwd, 'F'))).toBe(false)
  })

  it('sends -u at once, and streams the answer to standard output', async () => {
    const password = canary('httpbin')
    // The server wants it in the address as well, which a run that is long enough leaves in the list of what has ended.
    const address = httpbin.url(`/basic-auth/ana/${password}`)
    const run = await runFerry(['get', '-q', '--ephemeral', '-o', '-', '-u', `ana:${password}`, address])
    expect(run).toMatchObject({code: 0})
    expect(JSON.parse(run.stdout)).toEqual({authenticated: true, user: 'ana'})
  })

  it('takes a cookie along through a redirection', async () => {
    const run = await runFerry(['get', '-o', '-', httpbin.url('/cookies/set?flavour=oat')])
    expect(JSON.parse(run.stdout)).toEqual({cookies: {flavour: 'oat'}})
  })
})
