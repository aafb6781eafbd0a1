import type {CommandDeclaration} from '../../cli/command.ts'
import type {FlagTable, FlagValues} from '../../cli/flag-table.ts'
import {resultFlags} from '../../cli/flags/output.ts'
import {speechOf} from '../../cli/output-options.ts'
import {usageError} from '../../cli/usage-error.ts'
import type {DaemonFacts} from '../../control/background/daemon-facts.ts'
import {isUnfinished} from '../../control/background/unfinished-mark.ts'
import type {Places} from '../../control/places.ts'
import {runCommand} from '../run-command.ts'
import {jsonDocument} from '../../ui/json-text.ts'
import {daemonStart} from './daemon-words.ts'

const flags = {
  cancel: {
    kind: 'switch',
    group: 'SELECTION',
    summary: 'End all background transfers; what can be resumed keeps its resume data.'
  },
  ...resultFlags
} as const satisfies FlagTable

export const stop: CommandDeclaration = {
  id: 'daemon:stop',
  summary: 'Stop the background service, with its transfers.',
  description:
    'Running transfers are paused first, so that nothing received is lost. They go on when another one is added, or one ' +
    'is resumed. The command returns when the process has ended.',
  examples: [
    {description: 'Stop for now', command: 'ferry daemon stop'},
    {description: 'Give up everything that runs or waits', command: 'ferry daemon stop --cancel'}
  ],
  flags,
  run: argv => runCommand({argv, flags, perform: ({flags: given, operands}) => perform(given, operands)})
}

async function perform(given: FlagValues<typeof flags>, operands: readonly string[]): Promise<number> {
  if (operands.length > 0) throw usageError('daemon stop takes no words')
  const {stopDaemon} = await import('../../control/background/daemon/running-daemon.ts')
  const start = daemonStart()
  const unfinished = given.cancel ? 'cancel' : 'keep'
  let stopped = await stopDaemon(start.places, unfinished)
  if (!stopped && (await isLeft(start.places, unfinished))) {
    const {startDaemon} = await import('../../control/background/daemon/start-daemon.ts')
    await startDaemon(start)
    stopped = await stopDaemon(start.places, unfinished)
  }
  if (given.json) process.stdout.write(jsonDocument({ok: true, stopped: stopped?.pid ?? null}))
  else if (speechOf(given) === 'all') process.stderr.write(`${sentenceOf(stopped, given)}\n`)
  return 0
}

/** Where none runs: is there something that only a service can end, or that the next command would let go on? */
async function isLeft({state}: Pick<Places, 'state'>, unfinished: 'keep' | 'cancel'): Promise<boolean> {
  if (unfinished === 'keep') return isUnfinished(state)
  const {listJournalledTasks} = await import('../../control/background/journal/journalled-tasks.ts')
  const {tasks} = await listJournalledTasks(state, 'resumable')
  return tasks.some(({exitCode}) => exitCode === null)
}

function sentenceOf(stopped: DaemonFacts | undefined, given: FlagValues<typeof flags>): string {
  if (!stopped) return 'The background service does not run: there is nothing to stop.'
  const {waiting, running, held} = stopped.tasks
  // What is held would not go on by itself, and ends with the others.
  const count = waiting + running + (given.cancel ? held : 0)
  if (count === 0) return `The background service has ended (process ${stopped.pid}).`
  const tasks = count === 1 ? '1 task' : `${count} tasks`
  return given.cancel
    ? `The background service has ended (process ${stopped.pid}); ${tasks} cancelled: ferry tasks lists what can be resumed.`
    : `The background service has ended (process ${stopped.pid}); ${tasks} will go on when one is added or resumed.`
}
