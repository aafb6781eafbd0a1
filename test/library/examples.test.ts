import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import type {Run} from '../cli-run/ferry.ts'
import {basicGuard} from '../engine/authentication/guards.ts'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

// The examples import ferry by its name, so it is the built library that runs here.
const examples = fileURLToPath(new URL('../../docs/examples/', import.meta.url))

let origin: Origin
let elsewhere: Origin

beforeAll(async () => {
  origin = await startOrigin()
  elsewhere = await startOrigin()
})
afterAll(() => Promise.all([origin.close(), elsewhere.close()]))

function example(name: string, words: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  return runFerry(words, {binary: join(examples, name), env})
}

it('library.mjs pauses a download once and continues it to a whole file', async () => {
  const content = seededBytes(300_000, 5)
  const resource = {body: content, entityTag: '"v1"', faults: [{drip: {bytes: 3000, everyMs: 20}}]}
  origin.serve('/disk.bin', resource)
  const folder = scratchFolder()
  const run = await example('library.mjs', [origin.url('/disk.bin'), folder])
  expect(run, run.stderr).toMatchObject({code: 0, stderr: ''})
  expect(run.stdout).toMatch(/paused, resume data in .*\n(?:.*\n)*goes on at [1-9]\d*: (?:.*\n)*completed /)
  expect(readFileSync(join(folder, 'disk.bin'))).toEqual(content)
})

it('session.mjs signs in, brings cookies back in its next run, and then asks nobody for what it has stored', async () => {
  const ana = {user: 'ana', password: canary('example', origin)}
  const secrets = {EXAMPLE_USER: ana.user, EXAMPLE_PASSWORD: ana.password}
  const fresh = {'Cache-Control': 'max-age=600', Date: new Date().toUTCString()}
  origin.on('/stored', respond(200, fresh, 'kept'))
  origin.on('/cookie', respond(200, {'Set-Cookie': 'flavour=oat; Max-Age=600'}, 'sweet'))
  origin.on('/private', basicGuard(ana))
  const words = [scratchFolder(), ...['/stored', '/cookie', '/private'].map(path => origin.url(path))]

  const first = await example('session.mjs', words, secrets)
  expect(first, first.stderr).toMatchObject({code: 0, stderr: ''})
  expect(first.stdout).toContain('127.0.0.1 asks for Basic in "guarded"\n')
  expect(first.stdout).toContain('200, 19 bytes')
  const second = await example('session.mjs', words, secrets)
  expect(second.stdout).toContain(`200 localCache ${origin.url('/stored')}\n200, 4 bytes`)

  expect(origin.requestsOf('/stored')).toHaveLength(1)
  expect(origin.requestsOf('/cookie').map(request => request.header('cookie'))).toEqual([
    undefined,
    'flavour=oat'
  ])
  const signed = origin.requestsOf('/private').map(request => request.header('authorization') !== undefined)
  expect(signed).toEqual([false, true, false, true])
})

it('session.mjs shows its password to nobody that a redirection led to, and tells of the 401 as it came', async () => {
  const ben = {user: 'ben', password: canary('stray', origin)}
  elsewhere.on('/', basicGuard(ben))
  origin.on('/away', redirect(302, elsewhere.url('/')))
  const words = [scratchFolder(), origin.url('/away')]
  const run = await example('session.mjs', words, {EXAMPLE_USER: ben.user, EXAMPLE_PASSWORD: ben.password})
  expect(run).toMatchObject({code: 1})
  expect(run.stderr).toMatch(/^HTTP_STATUS: /)
  expect(elsewhere.requests.map(request => request.header('authorization'))).toEqual([undefined])
})
