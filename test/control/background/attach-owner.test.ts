import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {request} from 'node:http'
import type {IncomingMessage} from 'node:http'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {controlToken} from '../../../src/control/control-token.ts'
import {daemonAddress} from '../../../src/control/endpoint-address.ts'
import {patience} from '../../scratch/patience.ts'
import {attachStage} from './attach-stage.ts'
import type {AttachStage} from './attach-stage.ts'
import {eventOf} from './journal-stage.ts'

/** Attaches and reads nothing of what comes. */
async function attachAndSleep({places}: AttachStage): Promise<IncomingMessage> {
  const {promise, resolve, reject} = Promise.withResolvers<IncomingMessage>()
  const {socketPath} = daemonAddress(places.runtime)
  const headers = {authorization: `Bearer ${await controlToken(places.state)}`}
  const path = '/background/attach'
  request({socketPath, path, method: 'POST', headers, agent: false}, resolve)
    .on('error', reject)
    .end('{"session":"background","pid":4242}')
  const answer = await promise
  answer.on('error', () => {})
  onTestFinished(() => void answer.destroy())
  return answer
}

function longStory({daemon}: AttachStage, events = 2000): void {
  const facts = {text: 'x'.repeat(2000)}
  daemon.journal.append(
    'background',
    Array.from({length: events}, () => ({...eventOf('task.redirect', 'task01'), facts}))
  )
}

describe('A background session', () => {
  it('has one client at a time: a second one is refused and told whose it is [R71, B2]', async () => {
    const {attach, client} = await attachStage()
    const first = attach()
    await first.finished()
    await expect(attach().ended).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining(String(process.pid))
    })
    expect(await client.sessions()).toEqual([])
    const other = attach('other')
    await other.finished()
    expect(first.lines).toHaveLength(1)
  })

  it('is free again when its client is killed, without anybody tidying up [B2]', async () => {
    const stage = await attachStage()
    const {socketPath} = daemonAddress(stage.places.runtime)
    const program = `require('node:http').request({socketPath: ${JSON.stringify(socketPath)}, method: 'POST',
      path: '/background/attach', headers: {authorization: 'Bearer ${await controlToken(stage.places.state)}'}},
      answer => answer.on('data', () => console.log('there'))).end('{"session":"background","pid":' + process.pid + '}')`
    const child = spawn(process.execPath, ['-e', program], {stdio: ['ignore', 'pipe', 'inherit']})
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    await expect(stage.attach().ended).rejects.toMatchObject({
      message: expect.stringContaining(String(child.pid))
    })
    child.kill('SIGKILL')
    await vi.waitUntil(async () => {
      const next = stage.attach()
      return Promise.race([next.finished().then(() => true), next.ended.catch(() => false)])
    }, patience)
  })

  it('lets go a client that does not read, which loses nothing: everything comes again', async () => {
    const stage = await attachStage({patience: 100})
    longStory(stage)
    await attachAndSleep(stage)
    const attached = async (): Promise<unknown> => (await stage.client.sessions())[0]?.client.attached
    expect(await attached()).toBe(4242)
    await vi.waitUntil(async () => (await attached()) === null, patience)
    const next = stage.attach()
    await next.finished()
    expect(next.journalled.map(({seq}) => seq)).toEqual(Array.from({length: 2000}, (_, seq) => seq))
  })

  it('keeps nothing in memory for a client that reads slowly', async () => {
    const stage = await attachStage()
    longStory(stage, 5000)
    const reads = vi.spyOn(stage.daemon.journal, 'events')
    await attachAndSleep(stage)
    await vi.waitUntil(() => reads.mock.calls.length > 0, patience)
    await new Promise(resolve => setTimeout(resolve, 100))
    const told = reads.mock.results.reduce((sum, {value}) => sum + (value as unknown[]).length, 0)
    expect(told).toBeLessThan(2000)
  })

  it('that nothing was ever done in has nothing to tell, and can be acknowledged', async () => {
    const {attach, client} = await attachStage()
    const listener = attach('fresh')
    const token = await listener.finished()
    expect(listener.lines).toMatchObject([{seq: -1, event: 'session.eventsFinished', session: 'fresh'}])
    await client.acknowledge('fresh', token)
    await listener.ended
    expect(listener.lines.at(-1)?.event).toBe('session.invalidated')
  })

  it('ends for its client with the daemon, and says so; nothing counts as delivered', async () => {
    const {daemon, endpoint, attach} = await attachStage()
    daemon.origin.serve('/file', {body: 'x'})
    const [id = ''] = daemon.submit([daemon.download('file')])
    await daemon.ended(id)
    const listener = attach()
    await listener.finished()
    endpoint.desk.endStreams()
    await expect(listener.ended).rejects.toMatchObject({code: 'DAEMON_UNREACHABLE'})
    expect(daemon.journal.acknowledged('background')).toBe(-1)
  })

  it('shows what the daemon has of it, and who is attached, each on its own [R72]', async () => {
    const {daemon, client, attach} = await attachStage()
    daemon.submit([daemon.download('later', {earliestBegin: Date.now() + 3_600_000})])
    const tasks = {waiting: 1, running: 0, held: 0, paused: 0, completed: 0, failed: 0, cancelled: 0}
    const unattended = {identifier: 'background', state: 'valid', daemon: {pid: process.pid, tasks}}
    expect(await client.sessions()).toMatchObject([{...unattended, client: {attached: null}}])
    const listener = attach()
    await listener.until(() => listener.lines.length > 0)
    expect(await client.sessions()).toMatchObject([{...unattended, client: {attached: process.pid}}])
  })
})
