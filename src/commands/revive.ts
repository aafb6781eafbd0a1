import {isUnfinished} from '../control/background/unfinished-mark.ts'
import {daemonStart} from './daemon/daemon-words.ts'
import {placesOfUser} from './transfer/places-of-user.ts'

const quiet: ReadonlySet<string> = new Set(['-q', '--quiet', '-s', '--silent'])

/**
 * Starts the daemon again where tasks wait for it and it has gone: after a restart of the machine, a kill. Costs one look
 * at the disk where there is nothing to do. Never rejects; the command that runs beside it has nothing to do with it.
 */
export function reviveDaemon(argv: readonly string[]): Promise<void> {
  const {state} = placesOfUser()
  return !isTraceless(argv) && isUnfinished(state) ? revive(argv).catch(() => {}) : Promise.resolve()
}

async function revive(argv: readonly string[]): Promise<void> {
  const {startUnlessListening} = await import('../control/background/daemon/start-daemon.ts')
  const why = await startUnlessListening(
    daemonStart(),
    argv.some(word => quiet.has(word)) ? 'quiet' : 'listening'
  )
  if (why === undefined) return
  const {printable} = await import('../ui/printable.ts')
  process.stderr.write(
    `warning: background transfers wait, because their service could not begin: ${printable(why)}\n`
  )
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
