import {setTimeout as sleep} from 'node:timers/promises'
import {TransferError} from '../../../engine/index.ts'
import type {Places} from '../../places.ts'
import {inspectPrivateFolder} from '../../places.ts'
import {isAlive, thisProcess} from '../../process-identity.ts'
import {askDaemon} from '../protocol/ask-daemon.ts'
import {ownerPath} from '../background-folder.ts'
import type {DaemonFacts} from '../daemon-facts.ts'
import {knock} from './knock.ts'
import {isOwned} from './ownership.ts'
import {daemonFacts} from './start-daemon.ts'

type DaemonPlaces = Pick<Places, 'runtime' | 'state'>

const askPatience = 10_000
// What runs is paused, and disks may be slow.
const endPatience = 60_000
const interval = 50

/**
 * What the daemon says of itself; undefined where none runs. Starts none, not even through systemd. Throws REFUSED where
 * the folders are not private, BUSY where it does not answer.
 */
export async function runningDaemon(places: DaemonPlaces): Promise<DaemonFacts | undefined> {
  await inspectPrivateFolder(places.runtime)
  // One that has begun a moment ago does not listen yet, one that ends does not any more.
  for (
    const deadline = performance.now() + askPatience;
    performance.now() < deadline;
    await sleep(interval)
  ) {
    if (!(await isOwned(ownerPath(places.state)))) return undefined
    const facts = await daemonFacts(places)
    if (facts) return facts
    knock(ownerPath(places.state))
  }
  throw new TransferError('BUSY', 'The background service is there and does not answer', {
    hint: 'Look for its process with: pgrep -af "daemon run". If it is stopped, continue it with: kill -CONT PID'
  })
}

/**
 * Ends the daemon, and resolves when its process has gone: to what it was, or undefined where none ran. keep: what it has
 * goes on with the next one. cancel: all that has not ended does, and keeps its resume data. Throws as runningDaemon does.
 */
export async function stopDaemon(
  places: DaemonPlaces,
  unfinished: 'keep' | 'cancel'
): Promise<DaemonFacts | undefined> {
  const facts = await runningDaemon(places)
  if (!facts) return undefined
  const signal = AbortSignal.timeout(askPatience)
  const body = {cancel: unfinished === 'cancel'}
  await askDaemon(places, {method: 'POST', path: '/daemon/stop', body, signal})
  const identity = {...thisProcess(), pid: facts.pid, startTime: facts.startTime ?? undefined}
  for (
    const deadline = performance.now() + endPatience;
    performance.now() < deadline;
    await sleep(interval)
  ) {
    if (isAlive(identity) === 'gone') return facts
  }
  throw new TransferError('BUSY', `Process ${facts.pid}, the background service, does not end`, {
    hint: `Its log says why: ${facts.log}. What it has on disk survives: kill -9 ${facts.pid}`
  })
}
