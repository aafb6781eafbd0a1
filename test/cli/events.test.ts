import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import type {RunOptions} from '../cli-run/ferry.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {basicGuard} from '../engine/authentication/guards.ts'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import type {Event} from './said.ts'
import {eventsOf} from './said.ts'

const file = {body: seededBytes(300_000, 1), entityTag: '"v1"'}
let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', file)
})
afterAll(() => origin.close())

// The law of order of the contract, for one task; progress and what precedes a response may repeat.
const order = [
  'created',
  'started',
  'before',
  'response',
  'becameDownload',
  'resumed',
  'progress',
  'cache.willStore',
  'finished',
  'metrics',
  'completed'
]
const rank = ({event}: Event): number => {
  const name = event.replace('task.', '')
  if (['waiting', 'redirect', 'challenge'].includes(name)) return order.indexOf('before')
  return order.indexOf(name === 'data' ? 'progress' : name)
}

/** Runs a get with --events, holds its events against the law, and returns them. */
async function lawful(args: readonly string[], options: RunOptions = {}): Promise<Event[]> {
  const run = await runFerry(['get', '--events', '--retry-delay', '0.02', ...args], options)
  const events = eventsOf(run)
  expect(events.map(({seq}) => seq)).toEqual(events.map((_, index) => index))
  expect(events.every(({v, session}) => v === 1 && session === 'shared')).toBe(true)
  expect(events.at(-1)).toMatchObject({event: 'session.invalidated', task: null})
  const tasks = new Set(events.flatMap(({task}) => task ?? []))
  for (const task of tasks) {
    const own = events.filter(event => event.task === task)
    expect(own.filter(({event}) => event === 'task.completed')).toHaveLength(1)
    expect(own.at(-1)?.event).toBe('task.completed')
    const ranks = own.map(rank)
    expect(ranks).not.toContain(-1)
    expect(ranks, names(own).join(' ')).toEqual(ranks.toSorted((one, other) => one - other))
  }
  return events
}

const names = (events: readonly Event[]): string[] => events.map(({event}) => event.replace('task.', ''))
const only = (events: readonly Event[], name: string): Event[] =>
  events.filter(({event}) => event === `task.${name}`)

describe('--events', () => {
  it('tells of a download from its creation to its completion, numbered without gaps', async () => {
    const cwd = scratchFolder()
    const events = await lawful([origin.url('/F')], {cwd})
    const path = join(cwd, 'F')
    expect(new Set(names(events))).toEqual(
      new Set([
        'created',
        'started',
        'response',
        'progress',
        'finished',
        'metrics',
        'completed',
        'session.invalidated'
      ])
    )
    expect(only(events, 'created')).toMatchObject([{kind: 'download', url: origin.url('/F')}])
    expect(only(events, 'started')).toMatchObject([{attempt: 1}])
    expect(only(events, 'response')).toMatchObject([{status: 200, part: null, headers: {etag: '"v1"'}}])
    expect(only(events, 'progress').at(-1)).toMatchObject({
      direction: 'receive',
      total: 300_000,
      expected: 300_000
    })
    expect(only(events, 'finished')).toMatchObject([{path}])
    expect(only(events, 'completed')).toMatchObject([{state: 'completed', error: null, resumeData: null}])
  })

  it('tells of a redirection before the response', async () => {
    origin.on('/moved', redirect(302, '/F'))
    const events = await lawful(['-o', 'F', origin.url('/moved')])
    const [from, to] = [origin.url('/moved'), origin.url('/F')]
    expect(only(events, 'redirect')).toMatchObject([{status: 302, from, to, decision: 'follow'}])
    expect(only(events, 'response')).toMatchObject([{status: 200, url: to}])
    expect(only(events, 'metrics')).toMatchObject([{redirectCount: 1}])
  })

  it('tells of a redirection that is not followed', async () => {
    origin.on('/stay', redirect(302, '/F'))
    const events = await lawful(['-o', 'F', '--no-location', origin.url('/stay')])
    expect(only(events, 'redirect').map(({decision}) => decision)).not.toContain('follow')
    expect(only(events, 'response')).toMatchObject([{status: 302}])
  })

  it('tells why it waits for another attempt after a 503, and of the one response that counts', async () => {
    origin.serve('/busy', {...file, faults: [{status: 503}, {status: 503}]})
    const events = await lawful(['-o', 'F', origin.url('/busy')])
    expect(only(events, 'waiting')).toMatchObject([{reason: 'retry'}, {reason: 'retry'}])
    expect(only(events, 'response')).toMatchObject([{status: 200}])
    expect(only(events, 'completed')).toMatchObject([{state: 'completed'}])
  })

  it('counts no byte twice when a broken transfer goes on in the same run, and keeps the law', async () => {
    origin.serve('/broken', {...file, faults: [{cutAfter: 100_000}]})
    const events = await lawful(['-o', 'F', origin.url('/broken')])
    expect(origin.requestsOf('/broken').map(request => request.header('range'))).toEqual([
      undefined,
      'bytes=100000-'
    ])
    const progress = only(events, 'progress')
    expect(progress.reduce((sum, {bytes}) => sum + Number(bytes), 0)).toBe(300_000)
    expect(only(events, 'completed')).toMatchObject([{state: 'completed'}])
  })

  it('tells at which byte a later run resumes: its progress starts there', async () => {
    const options = {cwd: scratchFolder(), env: {FERRY_HOME: scratchFolder()}}
    origin.serve('/later', {...file, fault: {cutAfter: 100_000}})
    const args = ['--retry', '0', '-o', 'F', origin.url('/later')]
    const failed = await lawful(args, options)
    expect(only(failed, 'completed')).toMatchObject([
      {state: 'failed', resumeData: join(options.cwd, 'F.ferry')}
    ])
    origin.change('/later', file)
    const events = await lawful(args, options)
    expect(only(events, 'resumed')).toMatchObject([{offset: 100_000, expectedTotal: 300_000}])
    const progress = only(events, 'progress')
    expect(progress.reduce((sum, {bytes}) => sum + Number(bytes), 0)).toBe(200_000)
    expect(progress.at(-1)).toMatchObject({total: 300_000})
  })

  it('tells with offset 0, and why, when the content could not be reused', async () => {
    const options = {cwd: scratchFolder(), env: {FERRY_HOME: scratchFolder()}}
    origin.serve('/changed', {...file, fault: {cutAfter: 100_000}})
    const args = ['--retry', '0', '-o', 'F', origin.url('/changed')]
    await lawful(args, options)
    origin.change('/changed', {body: seededBytes(300_000, 2), entityTag: '"v2"'})
    const events = await lawful(args, options)
    const [resumed] = only(events, 'resumed')
    expect(resumed).toMatchObject({offset: 0})
    expect(resumed?.['reason']).not.toBe('')
    expect(only(events, 'completed')).toMatchObject([{state: 'completed'}])
  })

  it('tells of a failure with its code and exit code', async () => {
    const events = await lawful(['-o', 'F', origin.url('/nothing-here')])
    expect(only(events, 'completed')).toMatchObject([
      {state: 'failed', error: {code: 'HTTP_STATUS', exitCode: 22}, response: {status: 404}, resumeData: null}
    ])
    expect(only(events, 'finished')).toHaveLength(0)
  })

  it('tells of a failure without any response', async () => {
    const gone = await startOrigin()
    const url = gone.url('/F')
    await gone.close()
    const events = await lawful(['--retry', '1', '-o', 'F', url])
    expect(only(events, 'waiting')).toHaveLength(1)
    expect(only(events, 'completed')).toMatchObject([{error: {code: 'CONNECT_FAILED'}, response: null}])
  })

  it('keeps the law for many tasks at once, also when some fail', async () => {
    const urls = Array.from({length: 20}, (_, index) =>
      origin.url(index % 3 === 0 ? `/no-${index}` : `/many-${index}`)
    )
    for (let index = 0; index < 20; index++) if (index % 3 !== 0) origin.serve(`/many-${index}`, file)
    const events = await lawful([...urls, '-j', '4'])
    expect(only(events, 'created')).toHaveLength(20)
    expect(only(events, 'completed').filter(({state}) => state === 'failed')).toHaveLength(7)
    expect(only(events, 'finished')).toHaveLength(13)
  })

  it('carries the content of -o - as task.data, and nothing else is on standard output', async () => {
    const events = await lawful(['-o', '-', origin.url('/F')])
    const parts = only(events, 'data').map(({base64}) => Buffer.from(String(base64), 'base64'))
    expect(Buffer.concat(parts).equals(file.body)).toBe(true)
  })

  it('puts redirections and challenges before the response, and shows nothing of them raw or secret [R34]', async () => {
    const password = canary('event', origin)
    origin.on('/login', redirect(302, '/guarded'))
    const inside = respond(200, {}, 'inside')
    origin.on('/guarded', basicGuard({user: 'ana', password}, inside, '\u009B2Jours'))
    const answer = JSON.stringify({decision: 'useCredential', user: 'ana', password})
    const events = await lawful(['-o', 'F', '--on-challenge', `echo '${answer}'`, origin.url('/login')])
    expect(names(events)).toEqual(expect.arrayContaining(['redirect', 'challenge', 'response', 'finished']))
    expect(only(events, 'challenge')).toMatchObject([
      {
        ...{scope: 'task', method: 'Basic', realm: '\\x9b2Jours', host: '127.0.0.1', port: origin.port},
        ...{isProxy: false, previousFailureCount: 0, disposition: 'useCredential'}
      }
    ])
    expect(JSON.stringify(events)).not.toContain(password)
  })
})
