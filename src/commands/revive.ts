import {isUnfinished} from '../control/background/unfinished-mark.ts'
import {resolvePlaces} from '../control/places.ts'
import {daemonStart} from './daemon/daemon-words.ts'

/**
 * Starts the daemon again where tasks wait for it and it has gone: after a restart of the machine, a kill. Costs one look
 * at the disk where there is nothing to do. Never rejects; the command that runs beside it has nothing to do with it.
 */
export function reviveDaemon(argv: readonly string[]): Promise<void> {
  const {state} = resolvePlaces(process.env, process.platform, process.getuid?.())
  return !isTraceless(argv) && isUnfinished(state) ? revive().catch(() => {}) : Promise.resolve()
}

async function revive(): Promise<void> {
  const {startUnlessListening} = await import('../control/background/start-daemon.ts')
  await startUnlessListening(daemonStart())
}

// What leaves nothing behind leaves no process either. As bin/run.js reads the words.
function isTraceless(argv: readonly string[]): boolean {
  return argv.some(
    (word, index) =>
      word === '--ephemeral' ||
      word === '--session=ephemeral' ||
      (word === '--session' && argv[index + 1] === 'ephemeral')
  )
}
