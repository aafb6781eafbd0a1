import {createHash} from 'node:crypto'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {Checksum, DownloadTask, SessionDelegate, Waiting} from '../../../src/engine/index.ts'
import {certificates} from '../../origin/certificates.ts'
import {redirect} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {digestOf, first, openStage, second, untilReceived} from './stage.ts'
import type {Stage} from './stage.ts'

function sha256(bytes: Uint8Array): Checksum {
  return {algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex')}
}

function startFrom(stage: Stage, url: string): DownloadTask {
  const task = stage.session.downloadTask(urlRequest(url), {directory: stage.folder, fileName: 'F'})
  task.resume()
  return task
}

describe('Retry-After [fault 22]', () => {
  const ownDelay = 7

  it.each([
    ['0', 0, 0],
    ['2', 2000, 2000],
    ['1000000000000', 6 * 3600 * 1000, 6 * 3600 * 1000],
    ['Sat, 21 Nov 2026 09:00:30 GMT', 30_000, 30_000],
    ['Sat, 21 Nov 2026 08:00:00 GMT', ownDelay, 2 * ownDelay],
    ['-5', ownDelay, 2 * ownDelay],
    ['soon', ownDelay, 2 * ownDelay]
  ])('of "%s" means a wait of at least %d and at most %d ms', async (retryAfter, least, most) => {
    const told = Promise.withResolvers<Waiting>()
    const delegate: SessionDelegate = {taskIsWaiting: (_task, waiting) => told.resolve(waiting)}
    const configuration = {retry: {attempts: 3, delay: ownDelay / 1000}}
    const stage = await openStage({configuration, delegate})
    const date = 'Sat, 21 Nov 2026 09:00:00 GMT'
    stage.origin.serve('/F', {...first, faults: [{retryAfter, headers: {date}}]})
    const task = stage.start()
    const {delay, reason} = await told.promise
    expect(reason).toBe('retry')
    expect(delay).toBeGreaterThanOrEqual(least)
    expect(delay).toBeLessThanOrEqual(most)
    task.cancel()
    await expect(task.outcome).resolves.toMatchObject({state: 'cancelled'})
    expect(stage.origin.requests).toHaveLength(1)
  })

  it('beyond the time for retries fails at once and keeps what is here', async () => {
    const stage = await openStage({configuration: {retry: {attempts: 3, maxTime: 5}}})
    await stage.interrupt(first, 400)
    stage.origin.change('/F', {...first, fault: {retryAfter: 60}})
    await expect(stage.resume()).resolves.toMatchObject({
      error: {code: 'HTTP_STATUS', status: 503},
      resumeData: stage.resumeData
    })
    expect(stage.origin.requests).toHaveLength(1)
  })
})

describe('same tag, other bytes [fault 36]', () => {
  it('is found by the checksum: nothing gets the name, and the next try starts from zero', async () => {
    const stage = await openStage()
    await stage.interrupt(first, 400)
    stage.origin.change('/F', {...second, entityTag: '"v1"'})
    const checksums = [sha256(second.body)]
    await expect(stage.download({checksums})).resolves.toMatchObject({
      state: 'failed',
      error: {code: 'CHECKSUM_MISMATCH'}
    })
    expect(stage.files).toEqual([])
    await expect(stage.download({checksums})).resolves.toMatchObject({state: 'completed'})
    expect(stage.ranges).toEqual(['bytes=400-', undefined])
    expect(stage.content).toBe(digestOf(second.body))
  })

  it('leaves a file of before as it was', async () => {
    const stage = await openStage()
    stage.origin.serve('/F', first)
    await stage.download()
    const outcome = await stage.download({checksums: [sha256(second.body)], ifExists: 'replace'})
    expect(outcome).toMatchObject({error: {code: 'CHECKSUM_MISMATCH'}})
    expect(stage.content).toBe(digestOf(first.body))
  })
})

describe('a head without measure [fault 40]', () => {
  it.each([
    ['300 KiB in one value', {headerFlood: {bytes: 300 * 1024}}],
    ['6000 lines', {headerFlood: {lines: 6000}}]
  ])('is refused: %s', async (_case, fault) => {
    const stage = await openStage()
    stage.origin.serve('/F', {...first, fault})
    await expect(stage.download()).resolves.toMatchObject({error: {code: 'HEADERS_TOO_LARGE'}})
    expect(stage.files).toEqual([])
  })

  it('is refused as well where it is spread over redirections', async () => {
    const stage = await openStage({configuration: {redirects: {max: 400}}})
    stage.origin.on('/F', redirect(302, '/F?again', {'x-flood': 'f'.repeat(2000)}))
    await expect(stage.download()).resolves.toMatchObject({error: {code: 'HEADERS_TOO_LARGE'}})
    expect(stage.origin.requests.length).toBeLessThan(200)
  })
})

describe('a redirection that leads nowhere [fault 41]', () => {
  it('ends in a loop after the allowed hops, not before', async () => {
    const stage = await openStage({configuration: {redirects: {max: 5}}})
    stage.origin.on('/F', redirect(302, '/G'))
    stage.origin.on('/G', redirect(302, '/F'))
    await expect(stage.download()).resolves.toMatchObject({error: {code: 'TOO_MANY_REDIRECTS'}})
    expect(stage.origin.requests).toHaveLength(6)
  })

  it.each([
    [20, 'completed'],
    [21, 'failed']
  ])('of %d hops has %s', async (hops, state) => {
    const stage = await openStage()
    stage.origin.serve('/F', first)
    stage.origin.script('/F', [
      ...Array.from({length: hops}, (_, hop) => redirect(302, `/F?${hop}`)),
      (_request, reply) => reply.respond(200, {}, first.body)
    ])
    await expect(stage.download()).resolves.toMatchObject({state})
  })

  it.each(['file:///etc/hostname', 'ftp://127.0.0.1/x', 'data:,x'])(
    'to %s is not followed, and nothing is written',
    async location => {
      const stage = await openStage()
      stage.origin.on('/F', redirect(302, location))
      await expect(stage.download()).resolves.toMatchObject({error: {code: 'UNSUPPORTED_SCHEME'}})
      expect(stage.files).toEqual([])
    }
  )

  it.each([
    [false, {state: 'failed', error: {code: 'REFUSED'}}, 0],
    [true, {state: 'completed'}, 1]
  ])('from https to http is followed only by leave: %s', async (allowDowngrade, expected, requests) => {
    await using secure = await startOrigin({tls: 'good'})
    const stage = await openStage({
      configuration: {redirects: {allowDowngrade}, tls: {ca: certificates.authority}}
    })
    stage.origin.serve('/F', first)
    secure.on('/F', redirect(302, stage.origin.url('/F')))
    await expect(startFrom(stage, secure.url('/F')).outcome).resolves.toMatchObject(expected)
    expect(stage.origin.requests).toHaveLength(requests)
  })
})

it('outlives a restart of the server in the middle [fault 42]', async () => {
  const waiting = Promise.withResolvers<void>()
  const stage = await openStage({
    configuration: {retry: {attempts: 50, delay: 0.02}},
    delegate: {taskWillReconnect: () => waiting.resolve()}
  })
  const old = await startOrigin()
  old.serve('/F', {...first, fault: {stallAfter: 400}})
  const task = startFrom(stage, old.url('/F'))
  await untilReceived(task, 400)
  const {port} = old
  await old.close()
  await waiting.promise
  await using anew = await startOrigin({port})
  anew.serve('/F', first)
  await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
  expect(anew.requests.map(request => request.header('if-range'))).toEqual(['"v1"'])
  expect(stage.content).toBe(digestOf(first.body))
})
