import {chmodSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {basicGuard, challenge, DigestGuard} from '../engine/authentication/guards.ts'
import {redirect} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

let origin: Origin
let ana: {user: string; password: string}
const print = ['get', '-o', '-']

beforeAll(async () => {
  origin = await startOrigin()
  ana = {user: 'ana', password: canary('netrc', origin)}
  origin.on('/basic', basicGuard(ana))
})
afterAll(() => origin.close())

describe('netrc', () => {
  const line = (): string => `machine 127.0.0.1 login ana password ${ana.password}\n`

  it('is read from the home folder for -n and --netrc-optional, and is not missed where it is missing', async () => {
    const home = scratchFolder()
    for (const flag of ['-n', '--netrc', '--netrc-optional']) {
      const run = await runFerry([...print, flag, origin.url('/basic')], {env: {HOME: home}})
      expect(run).toMatchObject({code: 22})
    }
    writeFileSync(join(home, '.netrc'), line(), {mode: 0o600})
    for (const flag of ['-n', '--netrc', '--netrc-optional']) {
      const run = await runFerry([...print, flag, origin.url('/basic')], {env: {HOME: home}})
      expect(run, run.stderr).toMatchObject({code: 0, stdout: 'welcome to /basic'})
      expect(run.stderr).not.toContain('warning')
    }
  })

  it('that others can read is used with a warning', async () => {
    const file = join(scratchFolder(), 'netrc')
    writeFileSync(file, line())
    chmodSync(file, 0o644)
    const run = await runFerry([...print, '--netrc-file', file, origin.url('/basic')])
    expect(run).toMatchObject({code: 0})
    expect(run.stderr).toMatch(/^warning: --netrc-file: .*chmod 600/m)
    expect(run.stderr).not.toContain('canary-')
  })

  it('that is named and missing ends with 26', async () => {
    const run = await runFerry([...print, '--netrc-file', 'nowhere', origin.url('/basic')])
    expect(run).toMatchObject({code: 26})
  })

  it('with --digest answers Digest, and sends no password before', async () => {
    const file = join(scratchFolder(), 'netrc')
    writeFileSync(file, line(), {mode: 0o600})
    origin.on('/digest', new DigestGuard(ana).handle)
    const run = await runFerry([...print, '--digest', '--netrc-file', file, origin.url('/digest')])
    expect(run, run.stderr).toMatchObject({code: 0})
    const said = origin.requestsOf('/digest').map(request => request.header('authorization'))
    expect(said).toEqual([undefined, expect.stringMatching(/^Digest /)])
  })

  it('beside a token sends neither to another origin [CVE 24, CVE 26]', async () => {
    await using elsewhere = await startOrigin()
    elsewhere.on('/there', challenge('Bearer realm="r"', 'Basic realm="r"'))
    origin.on('/away', redirect(302, elsewhere.url('/there')))
    const file = join(scratchFolder(), 'netrc')
    writeFileSync(file, `${line()}default\n`, {mode: 0o600})
    const token = canary('token', origin)
    const words = ['--oauth2-bearer', 'env:TOKEN', '--netrc-file', file, origin.url('/away')]
    const run = await runFerry([...print, ...words], {env: {TOKEN: token}})
    expect(run).toMatchObject({code: 22})
    expect(elsewhere.requests.map(({headers}) => headers.has('authorization'))).toEqual([false])
    expect(run.stderr).toContain('--location-trusted')
  })
})
