import type {CommandDeclaration} from '../cli/command.ts'
import type {FlagTable, FlagValues} from '../cli/flag-table.ts'
import {resultFlags} from '../cli/flags/output.ts'
import {usageError} from '../cli/usage-error.ts'
import type {TaskRecord} from '../control/task-record.ts'
import {TransferError} from '../engine/index.ts'
import {runCommand} from './run-command.ts'
import {handOver} from './pause/hand-over.ts'
import {openControlDesk} from './transfer/control-desk.ts'
import {assertKnownSession} from './transfer/known-session.ts'
import {reportStops, stopEach} from './transfer/stop-results.ts'
import type {StopResult} from './transfer/stop-results.ts'

const flags = {
  all: {kind: 'switch', group: 'SELECTION', summary: 'Pause everything that runs.'},
  session: {
    kind: 'value',
    group: 'SELECTION',
    placeholder: 'NAME',
    summary: 'Pause everything that runs in this session.'
  },
  discard: {
    kind: 'switch',
    group: 'SELECTION',
    summary: 'End what cannot be paused, instead of letting it go on.'
  },
  hold: {
    kind: 'switch',
    group: 'SELECTION',
    summary: 'Stop background tasks without ending them: ferry resume ID lets the same task go on.'
  },
  'to-background': {
    kind: 'switch',
    group: 'SELECTION',
    summary: 'Let the background service go on with the task, and print its new id.'
  },
  ...resultFlags
} as const satisfies FlagTable

type PauseFlags = FlagValues<typeof flags>

export const pause: CommandDeclaration = {
  id: 'pause',
  summary: 'Stop running transfers, from any terminal, so that they can go on later.',
  description:
    'The process that runs a task writes its resume data and ends with 114; ferry resume continues it. A task that ' +
    'cannot be continued is refused with 111 and goes on. Tasks of background sessions can be held: they do not end, and ' +
    'go on as themselves.',
  operand: {name: 'TASK', summary: 'ids of tasks, or their unique beginnings', count: 'many'},
  examples: [
    {description: 'Pause one task', command: 'ferry pause m3k9x2'},
    {description: 'Pause everything', command: 'ferry pause --all'},
    {
      description: 'Go home: what runs in this terminal goes on without it',
      command: 'ferry pause --to-background m3k9x2'
    }
  ],
  flags,
  run: argv => runCommand({argv, flags, perform: words => perform(words.flags, words.operands)})
}

async function perform(given: PauseFlags, operands: readonly string[]): Promise<number> {
  const selections = [operands.length > 0, given.all, given.session !== undefined].filter(Boolean)
  if (selections.length !== 1) throw usageError('Name tasks, or --session NAME, or --all: one of the three')
  assertOneWay(given, operands)
  if (given['to-background']) return handOver(operands, given)
  const results = operands.length > 0 ? await pauseNamed(given, operands) : await pauseMany(given)
  if (results.length === 0 && !given.quiet && !given.silent) process.stderr.write('Nothing is running.\n')
  return reportStops(results, given, sentence)
}

async function pauseNamed(given: PauseFlags, ids: readonly string[]): Promise<readonly StopResult[]> {
  const {client} = openControlDesk()
  return stopEach(ids, id => client.pause(id, howOf(given)))
}

function assertOneWay(given: PauseFlags, operands: readonly string[]): void {
  if (given.hold && given.all)
    throw usageError('--hold is for tasks of background sessions: name them, or --session NAME')
  if (!given['to-background']) return
  const other = (['hold', 'discard'] as const).find(name => given[name])
  if (other !== undefined)
    throw usageError(`--to-background and --${other} exclude each other`, 'Leave one of them out.')
  if (operands.length === 0)
    throw usageError('--to-background takes the ids of tasks', 'ferry tasks lists them.')
}

function howOf({discard, hold}: PauseFlags): 'continue' | 'cancel' | 'hold' | 'holdOrCancel' {
  if (hold) return discard ? 'holdOrCancel' : 'hold'
  return discard ? 'cancel' : 'continue'
}

async function holdMany(given: PauseFlags, session: string): Promise<readonly StopResult[]> {
  const {tasks} = await openControlDesk().client.tasks()
  const chosen = tasks.filter(task => task.session === session && task.state !== 'suspended')
  const ids = chosen.filter(({actions}) => actions.includes('pause')).map(({id}) => id)
  if (ids.length === 0) await assertKnownSession(session)
  return pauseNamed(given, ids)
}

async function pauseMany(given: PauseFlags): Promise<readonly StopResult[]> {
  const {session} = given
  if (given.hold && session !== undefined) return holdMany(given, session)
  const {tasks, silent} = await openControlDesk().client.pauseAll(session)
  if (session !== undefined && tasks.length + silent.length === 0) await assertKnownSession(session)
  const unanswered = silent.map(pid => ({
    id: `process ${pid}`,
    error: new TransferError('BUSY', `Process ${pid} does not answer`)
  }))
  return [...tasks, ...unanswered]
}

function sentence(record: TaskRecord): string {
  if (record.state === 'suspended') return `held ${record.id}: let it go on with ferry resume ${record.id}`
  return record.state === 'paused'
    ? `paused ${record.id}: continue with ferry resume ${record.id}`
    : `${record.state} ${record.id}`
}
