import type {CommandDeclaration} from '../../cli/command.ts'
import {exitCodes} from '../../cli/exit-codes.ts'
import type {FlagTable, FlagValues} from '../../cli/flag-table.ts'
import {resultFlags} from '../../cli/flags/output.ts'
import {parseDuration} from '../../cli/parse-duration.ts'
import {usageError} from '../../cli/usage-error.ts'
import {backgroundFolder, daemonLogPath} from '../../control/background/background-folder.ts'
import {runDaemon} from '../../control/background/daemon/daemon.ts'
import {DaemonLog} from '../../control/background/daemon/daemon-log.ts'
import {ensurePrivateFolder} from '../../control/places.ts'
import {TransferError} from '../../engine/index.ts'
import {maskUrl} from '../../ui/mask.ts'
import {printable} from '../../ui/printable.ts'
import {runCommand} from '../run-command.ts'
import {placesOfUser} from '../transfer/places-of-user.ts'
import {spareMemoryForDays} from '../transfer/spare-memory.ts'
import {openWork} from './open-work.ts'

const flags = {
  idle: {
    kind: 'value',
    group: 'TIME AND SPEED',
    placeholder: 'TIME',
    summary: 'Leave after that time without work; 10 seconds unless given.'
  },
  help: resultFlags.help
} as const satisfies FlagTable

const usualIdleness = 10
const longestIdleness = 7 * 86_400
const unexpectedExitCode = 70

export const run: CommandDeclaration = {
  id: 'daemon:run',
  summary: 'Be the background service.',
  description:
    'Ferry starts it by itself, in a session of its own; nobody has to. Where one runs already it ends at once. It says ' +
    'nothing here: what goes wrong is in its log, which ferry doctor names. ^C and SIGTERM let what runs go on with the ' +
    'next one, which any ferry command starts; ferry daemon stop keeps that from happening.',
  examples: [
    {description: 'See it work, in the foreground', command: 'ferry daemon run'},
    {
      description: 'Under a supervisor that would start it again and again',
      command: 'ferry daemon run --idle 7d'
    }
  ],
  flags,
  hidden: true,
  run: argv => runCommand({argv, flags, perform: ({flags: given}) => perform(given)})
}

async function perform(given: FlagValues<typeof flags>): Promise<number> {
  const seconds = given.idle === undefined ? usualIdleness : parseDuration(given.idle)
  if (seconds === undefined || seconds > longestIdleness)
    throw usageError('--idle takes a time of at most 7 days, such as 90 or 1h')
  const idleFor = seconds * 1000
  spareMemoryForDays()
  const places = placesOfUser()
  await ensurePrivateFolder(backgroundFolder(places.state))
  const log = new DaemonLog({path: daemonLogPath(places.state), clean})
  process.removeAllListeners('uncaughtException').on('uncaughtException', fault => {
    log.write(`ends with a fault of its own: ${fault.stack ?? String(fault)}`)
    process.exit(unexpectedExitCode)
  })
  try {
    const facts = {places, environment: process.env, idleFor, say: log.write}
    return await runDaemon({...facts, ...openWork({places, say: log.write})})
  } catch (error) {
    if (!(error instanceof TransferError)) throw error
    log.write(`cannot begin: ${[error.message, ...causesOf(error)].join(': ')}`)
    return exitCodes[error.code]
  } finally {
    log.close()
  }
}

function causesOf(error: Error): readonly string[] {
  return error.cause instanceof Error ? [error.cause.message, ...causesOf(error.cause)] : []
}

function clean(sentence: string): string {
  return printable(sentence).replace(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, maskUrl)
}
