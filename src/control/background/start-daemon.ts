import {spawn} from 'node:child_process'
import type {ChildProcess} from 'node:child_process'
import {closeSync} from 'node:fs'
import {join, parse} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {TransferError} from '../../engine/index.ts'
import {asTransferError} from '../control-failure.ts'
import {ensurePrivateFolder} from '../places.ts'
import type {Places} from '../places.ts'
import {checked} from '../request-body.ts'
import {askDaemon} from './ask-daemon.ts'
import {backgroundFolder, daemonLogPath} from './background-folder.ts'
import {daemonEnvironment} from './daemon-environment.ts'
import type {DaemonFacts} from './daemon-facts.ts'
import {logSince, logSize, openLog} from './daemon-log.ts'
import {takeOwnership} from './ownership.ts'

/** How the daemon is started, and for whom. */
export interface DaemonStart {
  readonly places: Pick<Places, 'runtime' | 'state'>
  /** The program and its words; its first is absolute. */
  readonly command: readonly [program: string, ...words: string[]]
  /** Of this process; the daemon gets a few variables of it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Milliseconds until it has to answer. Default: 10 s. */
  readonly patience?: number
}

/** A daemon that was started a moment ago. */
interface Launched {
  readonly child: ChildProcess
  /** What it has said so far. */
  readonly said: () => string
}

const usualPatience = 10_000
const askPatience = 2_000
const interval = 40

/**
 * Resolves when the daemon answers; starts it where there is none. Of many starters at once one starts it, and the others
 * wait for the same. Throws DAEMON_UNREACHABLE, with the end of its log as the reason, and REFUSED where the folders are
 * not this user's alone; nothing is started then.
 */
export async function startDaemon(start: DaemonStart): Promise<DaemonFacts> {
  await ensurePrivateFolder(start.places.runtime)
  const folder = backgroundFolder(start.places.state)
  await ensurePrivateFolder(folder)
  const deadline = performance.now() + (start.patience ?? usualPatience)
  while (performance.now() < deadline) {
    const facts = await daemonFacts(start.places)
    if (facts) return facts
    const turn = await takeOwnership(join(folder, 'starter.sqlite'))
    if (turn === 'taken') continue
    try {
      const started = await startInTurn(start, deadline)
      if (started) return started
    } finally {
      turn.release()
    }
  }
  throw unreachable('It does not answer', daemonLogPath(start.places.state))
}

/** Starts a daemon and does not wait for it: one that finds another leaves by itself. Throws the system's error. */
export function launchDaemon({places, command, environment}: DaemonStart): ChildProcess {
  const log = openLog(daemonLogPath(places.state))
  try {
    const [program, ...words] = command
    const child = spawn(program, words, {
      // No folder and no terminal of whoever starts it is held on to.
      cwd: parse(program).root,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log, log],
      env: daemonEnvironment(environment, process.platform)
    })
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** What the daemon says of itself; undefined = there is none, or it does not answer. Throws what it refuses with. */
export async function daemonFacts(places: DaemonStart['places']): Promise<DaemonFacts | undefined> {
  const signal = AbortSignal.timeout(askPatience)
  const reply = await askDaemon(places, {method: 'GET', path: '/daemon', signal})
  if (reply.kind !== 'answered') return undefined
  const {daemonAnswer, refusal} = await import('./daemon-schemas.ts')
  if (reply.status === 200) return checked(daemonAnswer, reply.body)
  throw asTransferError((await checked(refusal, reply.body)).error)
}

// Resolves to undefined where the new one has found another, which is on its way in or out.
async function startInTurn(start: DaemonStart, deadline: number): Promise<DaemonFacts | undefined> {
  // Whoever had the turn before may have started it in the meantime.
  const before = await daemonFacts(start.places)
  if (before) return before
  const {child, said} = launch(start)
  const failed = Promise.withResolvers<Error>()
  child.once('error', failed.resolve)
  let failure: Error | undefined
  void failed.promise.then(error => (failure = error))
  while (performance.now() < deadline) {
    const facts = await daemonFacts(start.places)
    if (facts) return facts
    if (failure) throw unreachable(failure.message, daemonLogPath(start.places.state), failure)
    if (child.signalCode !== null || (child.exitCode ?? 0) !== 0)
      throw unreachable(
        said() || `It ended with ${child.signalCode ?? child.exitCode}`,
        daemonLogPath(start.places.state)
      )
    if (child.exitCode === 0) return sleep(interval, undefined)
    await sleep(interval)
  }
  throw unreachable(said() || 'It does not answer', daemonLogPath(start.places.state))
}

function launch(start: DaemonStart): Launched {
  const path = daemonLogPath(start.places.state)
  try {
    const file = openLog(path)
    const size = logSize(file)
    closeSync(file)
    return {child: launchDaemon(start), said: () => logSince(path, size)}
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw unreachable(why, path, cause)
  }
}

function unreachable(why: string, log: string, cause?: unknown): TransferError {
  return new TransferError('DAEMON_UNREACHABLE', `The background service did not start: ${why}`, {
    hint: `Its log says more: ${log}`,
    ...(cause !== undefined && {cause})
  })
}
