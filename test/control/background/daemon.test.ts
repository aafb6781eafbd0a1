import {existsSync, readdirSync, writeFileSync} from 'node:fs'
import {connect} from 'node:net'
import {once} from 'node:events'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it, vi} from 'vitest'
import {askDaemon} from '../../../src/control/background/protocol/ask-daemon.ts'
import {runDaemon} from '../../../src/control/background/daemon/daemon.ts'
import type {DaemonJournal, DaemonOptions} from '../../../src/control/background/daemon/daemon.ts'
import {readMark, setMark} from '../../../src/control/background/unfinished-mark.ts'
import type {Work} from '../../../src/control/background/work.ts'
import {controlToken} from '../../../src/control/control-token.ts'
import {daemonAddress, listAddresses} from '../../../src/control/endpoint-address.ts'
import {ensurePrivateFolder, resolvePlaces} from '../../../src/control/places.ts'
import {SessionRoll} from '../../../src/control/session-roll.ts'
import {patience} from '../../scratch/patience.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const none = {waiting: 0, running: 0, held: 0, paused: 0, completed: 0, failed: 0, cancelled: 0}

const work: Work = {
  roll: {find: () => undefined, list: () => []},
  sessions: new SessionRoll(),
  isIdle: true,
  isResting: false,
  begin: () => Promise.resolve(),
  submit: () => [],
  follow: () => () => {},
  isDrained: () => true,
  stop: () => Promise.resolve()
}

const journal: DaemonJournal = {
  counts: () => none,
  isPending: () => false,
  sessions: () => [],
  task: () => undefined,
  events: () => [],
  acknowledged: () => -1,
  acknowledge: () => {},
  token: () => '',
  close: () => {}
}

function daemonOptions(): DaemonOptions<DaemonJournal> {
  return {
    places: resolvePlaces({FERRY_HOME: scratchFolder()}, process.platform, process.getuid?.()),
    environment: {},
    idleFor: 50,
    say: () => {},
    openJournal: () => Promise.resolve(journal),
    makeWork: () => work
  }
}

const ask = (options: DaemonOptions<DaemonJournal>, method: 'GET' | 'POST', path: string, body?: object) =>
  askDaemon(options.places, {method, path, signal: AbortSignal.timeout(5000), ...(body && {body})})

describe('The daemon', () => {
  it('opens its door again for what came in while it was closing it', async () => {
    const options = daemonOptions()
    const {socketPath} = daemonAddress(options.places.runtime)
    const seen = new Set<string>()
    const busyOnce: Work = {
      ...work,
      get isIdle() {
        const phase = existsSync(socketPath) ? 'open' : 'closed'
        const isNew = seen.has('open') && phase === 'closed' && !seen.has('closed')
        if (seen.has('closed') && phase === 'open') seen.add('open again')
        seen.add(phase)
        return !isNew
      }
    }
    await expect(runDaemon({...options, makeWork: () => busyOnce})).resolves.toBe(0)
    expect([...seen]).toEqual(['open', 'closed', 'open again'])
  })

  it('does not leave while a client listens, and does when it has gone', async () => {
    // Without work it would have left before somebody could come.
    let isIdle = false
    let tell = (): void => {}
    const options: DaemonOptions<DaemonJournal> = {
      ...daemonOptions(),
      makeWork: ({changed}) => {
        tell = changed
        return {
          ...work,
          get isIdle() {
            return isIdle
          }
        }
      }
    }
    let ended = false
    const running = runDaemon(options).finally(() => (ended = true))
    const {socketPath} = daemonAddress(options.places.runtime)
    await vi.waitUntil(() => existsSync(socketPath), patience)
    const token = await controlToken(options.places.state)
    const watcher = connect(socketPath)
    watcher.write(`GET /tasks/watch HTTP/1.1\r\nHost: ferry\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    expect(String(await once(watcher, 'data'))).toContain('200 OK')
    isIdle = true
    tell()
    await sleep(500)
    expect(ended).toBe(false)
    watcher.destroy()
    await expect(running).resolves.toBe(0)
  })

  it('knows its own verbs only as they are written', async () => {
    const options = {...daemonOptions(), idleFor: 60_000}
    const running = runDaemon(options)
    await vi.waitUntil(async () => (await ask(options, 'GET', '/daemon')).kind === 'answered', patience)
    await expect(ask(options, 'POST', '/daemon')).resolves.toMatchObject({status: 404})
    await expect(ask(options, 'GET', '/daemon/stop')).resolves.toMatchObject({status: 404})
    await expect(ask(options, 'POST', '/daemon/stop', {now: true})).resolves.toMatchObject({status: 400})
    await expect(ask(options, 'POST', '/daemon/stop', {cancel: true})).resolves.toMatchObject({status: 200})
    await expect(running).resolves.toBe(0)
  })

  it('has a name of its own in the runtime folder, which is taken for no process', async () => {
    const {runtime} = daemonOptions().places
    await ensurePrivateFolder(runtime)
    const {entry, socketPath} = daemonAddress(runtime)
    writeFileSync(entry, '')
    await expect(listAddresses(runtime)).resolves.toEqual([])
    const deep = resolvePlaces({FERRY_HOME: `/home/${'a'.repeat(70)}`}, 'linux', 1000)
    for (const path of [socketPath, daemonAddress(deep.runtime).socketPath])
      expect(Buffer.byteLength(path)).toBeLessThan(104)
  })

  it('frees its lock and its names when what it needs cannot be opened', async () => {
    const options = daemonOptions()
    const openJournal = (): Promise<never> => Promise.reject(new Error('no journal'))
    await expect(runDaemon({...options, openJournal})).rejects.toThrow('no journal')
    await expect(runDaemon(options)).resolves.toBe(0)
    expect(readdirSync(options.places.runtime)).toEqual([])
  })

  it('lets go of a connection that never asks anything when it leaves', async () => {
    const options = daemonOptions()
    const running = runDaemon(options)
    const {socketPath} = daemonAddress(options.places.runtime)
    await vi.waitUntil(() => existsSync(socketPath), patience)
    const silent = connect(socketPath)
    await once(silent, 'connect')
    const closed = once(silent, 'close')
    await expect(running).resolves.toBe(0)
    silent.resume()
    await closed
  })
})

describe('The mark of unfinished tasks', () => {
  it('is one of three, whatever it was before', async () => {
    const state = scratchFolder()
    await ensurePrivateFolder(join(state, 'background'))
    expect(readMark(state)).toBe('none')
    for (const mark of ['unfinished', 'stopped', 'unfinished', 'none', 'stopped'] as const) {
      setMark(state, mark)
      expect(readMark(state)).toBe(mark)
      expect(readdirSync(join(state, 'background'))).toEqual(mark === 'none' ? [] : [mark])
    }
  })
})
