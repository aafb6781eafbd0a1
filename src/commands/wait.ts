import type {CommandDeclaration} from '../cli/command.ts'
import {batchExitCode} from '../cli/exit-codes.ts'
import type {FlagTable, FlagValues} from '../cli/flag-table.ts'
import {resultFlags} from '../cli/flags/output.ts'
import {speechOf} from '../cli/output-options.ts'
import {usageError} from '../cli/usage-error.ts'
import {readMark} from '../control/background/unfinished-mark.ts'
import type {ControlClient} from '../control/control-client.ts'
import type {EndedTask, ListedTask} from '../control/task-record.ts'
import {TransferError} from '../engine/index.ts'
import {formatJsonDocument} from '../ui/json-document.ts'
import {runCommand} from './run-command.ts'
import {openControlDesk} from './transfer/control-desk.ts'
import {tellEnds} from './transfer/ended-elsewhere.ts'
import {assertKnownSession} from './transfer/known-session.ts'
import {placesOfUser} from './transfer/places-of-user.ts'
import {refusalCodes, refusalFacts, tellRefusals} from './transfer/refusals.ts'
import type {Refusal} from './transfer/refusals.ts'
import {standsStill} from './transfer/stands-still.ts'
import {listedName} from './transfer/task-table.ts'
import {tellReasons} from './wait/reasons.ts'

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
  const speech = speechOf(given)
  const rest = Promise.withResolvers<void>()
  const over = new AbortController()
  const {client} = openControlDesk(rest.resolve)
  const ids = given.session === undefined ? operands : await runningIn(client, given.session)
  if (speech === 'all') {
    await warnOf(held, {client, ids})
    if (readMark(placesOfUser().state) === 'stopped') rest.resolve()
    void rest.promise.then(() => warnOf(stopped, {client, ids}))
    void tellReasons({client, ids}, over.signal)
  }
  const results = await Promise.all(ids.map(id => waitFor(client, id)))
  over.abort()
  const lost = results.filter(result => 'error' in result)
  const ended = results.filter(result => 'record' in result)
  tellRefusals(lost, speech)
  const records = ended.map(({record}) => record)
  tellEnds(records, speech)
  if (given.json) process.stdout.write(formatJsonDocument(records, refusalFacts(lost)))
  else if (!given.silent)
    for (const {state, path} of records) if (state === 'completed' && path) process.stdout.write(`${path}\n`)
  return batchExitCode([...ended.map(({exitCode}) => exitCode), ...refusalCodes(lost)])
}

async function runningIn(client: ControlClient, session: string): Promise<readonly string[]> {
  const {tasks} = await client.tasks()
  const running = tasks.filter(task => task.session === session && isUnderWay(task)).map(({id}) => id)
  if (running.length === 0) await assertKnownSession(session)
  return running
}

interface Waiting {
  readonly client: ControlClient
  readonly ids: readonly string[]
}

/** Why nothing happens to a task before a person does something. */
interface Rest {
  readonly applies: (task: ListedTask) => boolean
  readonly why: string
  /** What to do where it applies to several. */
  readonly wayOn: (id: string) => string
}

const held: Rest = {
  applies: task => task.state === 'suspended' && standsStill(task),
  why: 'held by ferry pause --hold',
  wayOn: () => 'ferry tasks lists them, and ferry resume lets each go on'
}
const stopped: Rest = {
  applies: task => task.state === 'waiting' && standsStill(task),
  why: 'the background service was stopped',
  wayOn: id => `ferry resume ${id} starts it, and all go on`
}

async function warnOf({applies, why, wayOn}: Rest, {client, ids}: Waiting): Promise<void> {
  const {tasks} = await client.tasks()
  const resting = tasks.filter(task => applies(task) && ids.some(id => task.id.startsWith(id)))
  const [first] = resting
  if (!first) return
  const [what, next] =
    resting.length === 1
      ? [listedName(first), `ferry resume ${first.id} lets it go on`]
      : [`${resting.length} of them`, wayOn(first.id)]
  process.stderr.write(`warning: nothing happens to ${what}: ${why}; ${next}\n`)
}

// Background tasks wait without a process, too; what is held stands still until somebody resumes it.
function isUnderWay({pid, state, actions}: ListedTask): boolean {
  return state === 'waiting' || (pid !== null && !actions.includes('resume'))
}

async function waitFor(client: ControlClient, id: string): Promise<EndedTask | Refusal> {
  try {
    return await client.wait(id)
  } catch (error) {
    if (error instanceof TransferError) return {id, error}
    throw error
  }
}
