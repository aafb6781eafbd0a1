import {adviceFor} from '../cli/advice.ts'
import type {CommandDeclaration} from '../cli/command.ts'
import {batchExitCode, exitCodes} from '../cli/exit-codes.ts'
import type {FlagTable, FlagValues} from '../cli/flag-table.ts'
import {resultFlags} from '../cli/flags/output.ts'
import {speechOf} from '../cli/output-options.ts'
import {usageError} from '../cli/usage-error.ts'
import {readMark} from '../control/background/unfinished-mark.ts'
import type {ControlClient} from '../control/control-client.ts'
import {resolvePlaces} from '../control/places.ts'
import type {EndedTask, ListedTask} from '../control/task-record.ts'
import {TransferError} from '../engine/index.ts'
import {explainError} from '../ui/error-report.ts'
import {formatJsonDocument} from '../ui/json-document.ts'
import {runCommand} from './run-command.ts'
import {openControlDesk} from './transfer/control-desk.ts'
import {tellEnds} from './transfer/ended-elsewhere.ts'
import {assertKnownSession} from './transfer/known-session.ts'
import {listedName} from './transfer/task-table.ts'

const flags = {
  session: {
    kind: 'value',
    group: 'SELECTION',
    placeholder: 'NAME',
    summary: 'Wait for all tasks that run or wait in this session now.'
  },
  ...resultFlags
} as const satisfies FlagTable

type WaitFlags = FlagValues<typeof flags>

export const wait: CommandDeclaration = {
  id: 'wait',
  summary: 'Wait until transfers of other terminals, or of the background, have ended.',
  description:
    'Prints the paths of the files, says of each failure why, and exits as they do: 0 for a success, 114 when paused, ' +
    '115 when cancelled, else the code of the failure, 117 where there are several. Works as well on what has ended ' +
    'already, and waits on when the background service is killed. --session takes what runs or waits now: a script ' +
    'names the ids, or it does not see an end that was quicker.',
  operand: {name: 'TASK', summary: 'ids of tasks, or their unique beginnings', count: 'many'},
  examples: [
    {description: 'Go on when the download is there', command: 'ferry wait m3k9x2 && tar xf data.tar'},
    {
      description: 'In a script: hand a list over, and fail if one of them does',
      command: 'ids=$(ferry get --background -i urls.txt) && ferry wait $ids'
    },
    {description: 'Wait for what runs in a session now', command: 'ferry wait --session background'}
  ],
  flags,
  run: argv => runCommand({argv, flags, perform: words => perform(words.flags, words.operands)})
}

async function perform(given: WaitFlags, operands: readonly string[]): Promise<number> {
  if (operands.length > 0 === (given.session !== undefined)) {
    throw usageError('Name the tasks to wait for, or --session NAME')
  }
  const {client} = openControlDesk()
  const ids = given.session === undefined ? operands : await runningIn(client, given.session)
  if (speechOf(given) === 'all') await warnOfRest(client, ids)
  const results = await Promise.all(ids.map(id => waitFor(client, id)))
  const ended = results.flatMap(result => (result instanceof TransferError ? [] : [result]))
  const lost = results.filter(result => result instanceof TransferError)
  if (speechOf(given) !== 'nothing') {
    for (const error of lost) {
      process.stderr.write(`ferry: ${explainError(error, adviceFor).join('\n')}\n`)
    }
  }
  const records = ended.map(({record}) => record)
  tellEnds(records, speechOf(given))
  if (given.json) process.stdout.write(formatJsonDocument(records))
  else
    for (const {state, path} of records) if (state === 'completed' && path) process.stdout.write(`${path}\n`)
  return batchExitCode([...ended.map(({exitCode}) => exitCode), ...lost.map(({code}) => exitCodes[code])])
}

async function runningIn(client: ControlClient, session: string): Promise<readonly string[]> {
  const {tasks} = await client.tasks()
  const running = tasks.filter(task => task.session === session && isUnderWay(task)).map(({id}) => id)
  if (running.length === 0) await assertKnownSession(session)
  return running
}

/** Where nothing will happen before a person does something, that is said. */
async function warnOfRest(client: ControlClient, ids: readonly string[]): Promise<void> {
  const {tasks} = await client.tasks()
  const {state} = resolvePlaces(process.env, process.platform, process.getuid?.())
  const isStopped = readMark(state) === 'stopped'
  for (const task of tasks) {
    if (!ids.some(id => task.id.startsWith(id))) continue
    const why = isHeld(task)
      ? 'it is held'
      : isStopped && isIdle(task) && 'the background service was stopped'
    if (!why) continue
    const next = `ferry resume ${task.id} lets it go on`
    process.stderr.write(`warning: nothing happens to ${listedName(task)}: ${why}; ${next}\n`)
  }
}

function isHeld({state, actions}: ListedTask): boolean {
  return state === 'suspended' && actions.includes('pause')
}

function isIdle({state, pid}: ListedTask): boolean {
  return state === 'waiting' && pid === null
}

// Background tasks wait without a process, too; what can be resumed stands still until somebody does.
function isUnderWay({pid, state, actions}: ListedTask): boolean {
  return (pid !== null || state === 'waiting') && !actions.includes('resume')
}

async function waitFor(client: ControlClient, id: string): Promise<EndedTask | TransferError> {
  try {
    return await client.wait(id)
  } catch (error) {
    if (error instanceof TransferError) return error
    throw error
  }
}
