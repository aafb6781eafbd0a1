import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {installFerry} from './installation.ts'
import {freePort} from './program.ts'
import {startRealm} from './realm.ts'
import type {Realm} from './realm.ts'

let realm: Realm

beforeAll(async () => {
  realm = await startRealm()
  realm.apache.write('F', Buffer.from('content'))
}, 60_000)
afterAll(() => realm?.close())

interface Failure {
  readonly code: number | null
  readonly stderr: string
  readonly record: {
    readonly durationMs: number
    readonly error: {readonly code: string; readonly message: string}
  }
}

/** Asks with --negotiate what cannot be answered. */
async function refused(
  env: Readonly<Record<string, string>>,
  {url = realm.url('/kerberos/F'), ...options}: {url?: string; binary?: string} = {}
): Promise<Failure> {
  const cwd = scratchFolder()
  const run = await realm.ferry(['get', '--negotiate', '--json', url], {env, cwd, ...options})
  const {tasks} = JSON.parse(run.stdout) as {tasks: readonly Failure['record'][]}
  const [record] = tasks
  if (!record) throw new Error(`No task in ${run.stdout}`)
  return {code: run.code, stderr: run.stderr, record}
}

describe('The 401 is the result, at once and with what to do, where Negotiate cannot be answered:', () => {
  it('without a ticket [R35]', async () => {
    const {code, stderr, record} = await refused(realm.stranger())
    expect(code).toBe(22)
    expect(record.error).toMatchObject({code: 'HTTP_STATUS', message: expect.stringContaining('401')})
    expect(record.durationMs).toBeLessThan(2000)
    expect(stderr).toContain('there is no ticket')
    expect(stderr).toContain('kinit')
  })

  it('with a ticket that is over', async () => {
    const env = realm.signedIn('1s')
    await new Promise(resolve => setTimeout(resolve, 2100))
    const {code, stderr} = await refused(env)
    expect(code).toBe(22)
    expect(stderr).toContain('the ticket has expired')
  })

  it('without the optional package [R35]', async () => {
    const installation = installFerry('nothing')
    onTestFinished(() => installation.remove())
    const {code, stderr, record} = await refused(realm.signedIn(), {binary: installation.binary})
    expect(code).toBe(22)
    expect(record.error).toMatchObject({code: 'HTTP_STATUS', message: expect.stringContaining('401')})
    expect(record.durationMs).toBeLessThan(2000)
    expect(stderr).toContain('the optional package kerberos is not installed')
    expect(stderr).toContain('npm install --global kerberos')
  })

  it('with an optional package that was never built', async () => {
    const installation = installFerry('brokenKerberos')
    onTestFinished(() => installation.remove())
    const {code, stderr} = await refused(realm.signedIn(), {binary: installation.binary})
    expect(code).toBe(22)
    expect(stderr).toContain('the optional package kerberos cannot be used: Cannot find module')
  })

  it('at a host whose name the realm does not know', async () => {
    const {code, stderr} = await refused(realm.signedIn(), {
      url: realm.url('/kerberos/F', 'unknown.ferry.test')
    })
    expect(code).toBe(22)
    expect(stderr).toContain('the realm does not know a service HTTP of this name')
  })

  it('with a key distribution centre that is gone', async () => {
    const env = realm.signedIn()
    const settings = join(scratchFolder(), 'krb5.conf')
    const text = readFileSync(env['KRB5_CONFIG'] ?? '', 'utf8')
    writeFileSync(settings, text.replace(String(realm.kdc.port), String(await freePort())))
    const {code, stderr} = await refused({...env, KRB5_CONFIG: settings})
    expect(code).toBe(22)
    expect(stderr).toContain('the key distribution centre cannot be asked')
  })
})

describe('A token that the server does not take', () => {
  it('is sent once, and the 401 is the result', async () => {
    realm.kdc.addService('other.ferry.test')
    const requests = realm.watchRequests()
    const {code} = await refused(realm.signedIn(), {url: realm.url('/kerberos/F', 'other.ferry.test')})
    expect(code).toBe(22)
    expect(await requests(2)).toMatchObject([
      {status: 401, authorization: '-'},
      {status: 401, authorization: expect.stringMatching(/^Negotiate /)}
    ])
  })
})
