import {execFile} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {expect, it, onTestFinished} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {locateProgram} from './program.ts'

const lines = [
  'session=1',
  'keep=2; Max-Age=86400; HttpOnly',
  'deep=3; Path=/deep; Expires=Fri, 01 Jan 2100 00:00:00 GMT',
  'secure=4; Secure',
  'odd=a "b=c, d%20\xE4',
  'over=; Max-Age=0',
  'foreign=6; Domain=h.example'
]

async function settingOrigin(): Promise<Origin> {
  const origin = await startOrigin()
  onTestFinished(() => origin.close())
  origin.on('*', respond(200, {}, 'ok'))
  origin.on('/set', (_request, reply) =>
    reply.respond(
      200,
      lines.map(line => ['set-cookie', line] as const)
    )
  )
  return origin
}

const curl = (...args: readonly string[]): Promise<unknown> =>
  promisify(execFile)(locateProgram({name: 'curl', package: 'curl'}), ['-sS', '--noproxy', '*', ...args])

const ferry = (cwd: string, ...args: readonly string[]): Promise<unknown> =>
  runFerry(['get', '-q', '-o', '-', ...args], {cwd})

const names = ['deep', 'keep', 'odd', 'session']
const sentTo = (origin: Origin, path: string): string[] | undefined =>
  origin.requestsOf(path)[0]?.header('cookie')?.split('; ').toSorted()

it("curl's cookie file is read as curl reads it", async () => {
  const origin = await settingOrigin()
  const cwd = scratchFolder()
  const jar = join(cwd, 'jar')
  await curl('-c', jar, origin.url('/set'))
  await ferry(cwd, '-b', 'jar', origin.url('/deep/ferry'))
  await curl('-b', jar, origin.url('/deep/curl'))
  expect(sentTo(origin, '/deep/ferry')?.map(each => each.split('=')[0])).toEqual(
    expect.arrayContaining(names)
  )
  expect(sentTo(origin, '/deep/ferry')).toEqual(sentTo(origin, '/deep/curl'))
})

it("ferry's cookie file is read by curl as ferry reads it, and goes from one to the other and back", async () => {
  const origin = await settingOrigin()
  const cwd = scratchFolder()
  const jar = join(cwd, 'jar')
  await ferry(cwd, '--cookie-jar', 'jar', origin.url('/set'))
  await curl('-b', jar, '-c', jar, origin.url('/deep/curl'))
  await ferry(cwd, '--cookie-jar', 'jar', origin.url('/deep/ferry'))
  expect(sentTo(origin, '/deep/curl')?.map(each => each.split('=')[0])).toEqual(expect.arrayContaining(names))
  expect(sentTo(origin, '/deep/ferry')).toEqual(sentTo(origin, '/deep/curl'))
  expect(readFileSync(jar, 'latin1')).toContain('a "b=c, d%20\xE4')
})
