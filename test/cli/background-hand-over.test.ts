import {beforeEach, expect, it} from 'vitest'
import {until} from '../cli-run/daemon.ts'
import {startFerry} from '../cli-run/ferry.ts'
import type {LiveFerry} from '../cli-run/ferry.ts'
import {canary} from '../canary/canary.ts'
import {backgroundCrossing, heldResource} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'
import {documentOf, explanation} from './said.ts'

const body = 'x'.repeat(300_000)
let crossing: BackgroundCrossing

beforeEach(async () => {
  crossing = await backgroundCrossing()
})

interface Foreground {
  readonly ferry: LiveFerry
  readonly id: string
}

/** A download of a terminal of which the first 200,000 bytes are here. */
async function inForeground(words: readonly string[], env: Record<string, string> = {}): Promise<Foreground> {
  const {home} = crossing.daemon
  const ferry = startFerry(words, {cwd: home, env: {FERRY_HOME: home, ...env}})
  await crossing.origin.untilRequests(1, '/F')
  let id = ''
  await until(async () => {
    const [task] = documentOf(await crossing.run(['tasks', '--json'])).tasks
    id = task?.id ?? ''
    return (task?.bytes ?? 0) > 100_000
  })
  return {ferry, id}
}

it('lets the background go on with what a terminal runs, as it was told to run it', async () => {
  const secret = canary('handed', crossing.origin)
  crossing.origin.serve('/F', heldResource(body, 200_000))
  const words = ['get', '-H', '@secret', '-A', 'mine', '-o', 'F', crossing.origin.url('/F')]
  crossing.write('secret', `X-Api-Key: ${secret}\n`)
  const {ferry, id} = await inForeground(words)
  const next = await crossing.submit(['pause', '--to-background', id])
  const ended = await ferry.done
  expect(ended).toMatchObject({code: 114, stdout: ''})
  expect(ended.stderr).toContain(`F goes on in the background as ${next}: ferry wait ${next}\n`)
  expect(ended.stderr).not.toContain(`ferry resume ${id}`)
  expect(await crossing.run(['wait', next])).toMatchObject({code: 0, stdout: `${crossing.path('F')}\n`})
  expect(crossing.text('F')).toBe(body)
  const last = crossing.origin.requests.at(-1)
  expect(last?.header('x-api-key')).toBe(secret)
  expect(last?.header('user-agent')).toBe('mine')
  expect(Number(/^bytes=(\d+)-$/.exec(last?.header('range') ?? '')?.[1])).toBeGreaterThan(100_000)
})

it('leaves a transfer where it is that nobody could go on with', async () => {
  const held = heldResource(body, 200_000)
  const {entityTag: _version, ...nameless} = held
  crossing.origin.serve('/F', nameless)
  const {ferry, id} = await inForeground(['get', '-o', 'F', crossing.origin.url('/F')])
  const run = await crossing.run(['pause', '--to-background', '--json', id])
  expect(run.code).toBe(111)
  expect(JSON.parse(run.stdout)).toMatchObject({ok: false, tasks: [], errors: [{id, code: 'NOT_RESUMABLE'}]})
  held.letGo()
  expect(await ferry.done).toMatchObject({code: 0})
  expect(crossing.text('F')).toBe(body)
})

it('leaves decisions of hooks in the terminal', async () => {
  const held = heldResource(body, 200_000)
  crossing.origin.serve('/F', held)
  const {ferry, id} = await inForeground([
    'get',
    '--on-redirect',
    'cat',
    '-o',
    'F',
    crossing.origin.url('/F')
  ])
  const run = await crossing.run(['pause', '--to-background', id])
  expect(run).toMatchObject({code: 111, stdout: ''})
  expect(explanation(run).why).toContain('hooks')
  held.letGo()
  expect(await ferry.done).toMatchObject({code: 0})
})

it('tells what to do for tasks that nobody runs, and for those that are there already', async () => {
  crossing.origin.serve('/F', heldResource(body, 200_000))
  const url = crossing.origin.url('/F')
  const inBackground = await crossing.submit(['get', '--background', '-o', 'F', url])
  const suspended = (await crossing.run(['get', '--suspended', '-o', 'G', url])).stdout.trim()
  const already = await crossing.run(['pause', '--to-background', inBackground])
  expect(already).toMatchObject({code: 111})
  expect(explanation(already).why).toContain('in the background already')
  const resting = await crossing.run(['pause', '--to-background', suspended])
  expect(explanation(resting).next).toContain(`ferry resume --background ${suspended}`)
  expect(await crossing.run(['pause', '--to-background', 'nobody'])).toMatchObject({code: 116})
  expect(await crossing.run(['pause', '--to-background', '--all'])).toMatchObject({code: 2})
  expect(await crossing.run(['pause', '--to-background', '--hold', suspended])).toMatchObject({code: 2})
  const next = await crossing.submit(['resume', '--background', suspended])
  expect(await crossing.run(['wait', next])).toMatchObject({code: 0})
  expect(crossing.text('G')).toBe(body)
})
