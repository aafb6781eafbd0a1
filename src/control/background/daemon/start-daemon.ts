import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {TransferError} from '../../../engine/index.ts'
import {asTransferError} from '../../control-failure.ts'
import {daemonAddress} from '../../endpoint-address.ts'
import {checked} from '../../request-body.ts'
import {askDaemon} from '../protocol/ask-daemon.ts'
import {daemonLogPath} from '../background-folder.ts'
import type {DaemonFacts} from '../daemon-facts.ts'
import {ensureDaemonFolders} from './daemon-folders.ts'
import {isListenedTo} from './daemon-socket.ts'
import {launchDaemon} from './launch-daemon.ts'
import type {DaemonStart} from './launch-daemon.ts'
import {takeOwnership} from './ownership.ts'
import {claimRevival} from './revival.ts'
import type {Audience} from './revival.ts'

const usualPatience = 10_000
const askPatience = 2_000
const interval = 40

/**
 * Resolves when the daemon answers; starts it where there is none. Of many starters at once one starts it, and the others
 * wait for the same. Throws DAEMON_UNREACHABLE, with the end of its log as the reason, and REFUSED where the folders are
 * not this user's alone; nothing is started then.
 */
export async function startDaemon(start: DaemonStart): Promise<DaemonFacts> {
  const folder = await ensureDaemonFolders(start.places)
  const deadline = performance.now() + (start.patience ?? usualPatience)
  while (performance.now() < deadline) {
    const facts = await daemonFacts(start.places)
    if (facts) return facts
    const turn = await takeOwnership(join(folder, 'starter.sqlite'), 0)
    if (turn === 'taken') {
      await sleep(interval)
      continue
    }
    try {
      const started = await startInTurn(start, deadline)
      if (started) return started
    } finally {
      turn.release()
    }
  }
  throw unreachable(start, 'it does not answer')
}

/**
 * Starts a daemon, unless one listens or systemd does for it, and does not wait for it; once a minute at most. Resolves to why
 * the last one could not begin, where nobody was told yet. Throws REFUSED as startDaemon does.
 */
export async function startUnlessListening(
  start: DaemonStart,
  audience: Audience
): Promise<string | undefined> {
  await ensureDaemonFolders(start.places)
  if (await isListenedTo(daemonAddress(start.places.runtime).socketPath)) return undefined
  const revival = claimRevival(start.places.state, audience)
  if (revival.kind === 'start') launchDaemon(start)
  return revival.kind === 'say' ? revival.reason : undefined
}

/** What the daemon says of itself; undefined = there is none, or it does not answer. Throws what it refuses with. */
export async function daemonFacts(places: DaemonStart['places']): Promise<DaemonFacts | undefined> {
  const signal = AbortSignal.timeout(askPatience)
  const reply = await askDaemon(places, {method: 'GET', path: '/daemon', signal})
  if (reply.kind !== 'answered') return undefined
  const {daemonAnswer, refusal} = await import('../protocol/daemon-schemas.ts')
  if (reply.status === 200) return checked(daemonAnswer, reply.body)
  throw asTransferError((await checked(refusal, reply.body)).error)
}

// Resolves to undefined where the new one has found another, which is on its way in or out.
async function startInTurn(start: DaemonStart, deadline: number): Promise<DaemonFacts | undefined> {
  // Whoever had the turn before may have started it in the meantime.
  const before = await daemonFacts(start.places)
  if (before) return before
  const launched = launch(start)
  while (performance.now() < deadline) {
    const facts = await daemonFacts(start.places)
    if (facts) return facts
    const fate = launched.fate()
    if (fate === 'left') return undefined
    if (typeof fate === 'object') throw unreachable(start, fate.failure)
    await sleep(interval)
  }
  throw unreachable(start, launched.said() || 'it does not answer')
}

function launch(start: DaemonStart): ReturnType<typeof launchDaemon> {
  try {
    return launchDaemon(start)
  } catch (cause) {
    throw unreachable(start, cause instanceof Error ? cause.message : String(cause))
  }
}

function unreachable({places}: DaemonStart, why: string): TransferError {
  return new TransferError('DAEMON_UNREACHABLE', `The background service did not start: ${why}`, {
    hint: `Its log says more: ${daemonLogPath(places.state)}`
  })
}
