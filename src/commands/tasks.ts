import {setTimeout as sleep} from 'node:timers/promises'
import type {CommandDeclaration} from '../cli/command.ts'
import {batchExitCode} from '../cli/exit-codes.ts'
import type {FlagTable, FlagValues} from '../cli/flag-table.ts'
import {resultFlags} from '../cli/flags/output.ts'
import {speechOf} from '../cli/output-options.ts'
import {printAnswer, standardOutput} from '../cli/standard-output.ts'
import {usageError} from '../cli/usage-error.ts'
import type {TaskListing} from '../control/control-client.ts'
import {isTaskId, taskUnknown} from '../control/task-id.ts'
import type {ListedTask} from '../control/task-record.ts'
import {truncateEnd} from '../ui/fit.ts'
import {jsonText} from '../ui/json-text.ts'
import {localMinute} from '../ui/local-minute.ts'
import {printable} from '../ui/printable.ts'
import {runCommand} from './run-command.ts'
import {openControlDesk} from './transfer/control-desk.ts'
import {assertKnownSession} from './transfer/known-session.ts'
import {refusalCodes, refusalFacts, tellRefusals} from './transfer/refusals.ts'
import {standsStill} from './transfer/stands-still.ts'
import type {Refusal} from './transfer/refusals.ts'
import {listedName, taskTable} from './transfer/task-table.ts'

const watchInterval = 500
const mostNews = 5
const mostBeginnings = 20

const flags = {
  all: {kind: 'switch', char: 'a', group: 'SELECTION', summary: 'Also the newest tasks that have ended.'},
  session: {
    kind: 'value',
    group: 'SELECTION',
    placeholder: 'NAME',
    summary: 'Only the tasks of this session.'
  },
  watch: {
    kind: 'switch',
    group: 'SELECTION',
    summary: 'Go on showing them until ^C; with --json one document a line, whenever something has changed.'
  },
  ...resultFlags
} as const satisfies FlagTable

type TasksFlags = FlagValues<typeof flags>

export const tasks: CommandDeclaration = {
  id: 'tasks',
  summary: 'List what runs, waits, is paused or can be resumed.',
  description:
    'Shows the transfers of all your terminals and of the background, and those whose process has gone but that can be ' +
    'continued; below them, why those of the background have failed within a day. What has ended is listed with --all, ' +
    'or by its id.',
  operand: {name: 'TASK', summary: 'beginnings of ids: only these', count: 'many'},
  examples: [
    {description: 'What is there', command: 'ferry tasks'},
    {description: 'Keep looking', command: 'ferry tasks --watch'},
    {description: 'What became of it', command: 'ferry tasks m3k9x2'},
    {description: 'For a script', command: 'ferry tasks --json --all'}
  ],
  flags,
  run: argv => runCommand({argv, flags, perform: words => perform(words.flags, words.operands)})
}

/** What was asked for, as far as it is there. */
interface Picture extends TaskListing {
  /** The words that no id begins with. */
  readonly unknown: readonly Refusal[]
}

async function perform(given: TasksFlags, operands: readonly string[]): Promise<number> {
  if (given.watch && !given.json && process.stdout.isTTY !== true) {
    throw usageError('--watch draws on a terminal', 'Add --json for a program that reads along.')
  }
  const {client} = openControlDesk()
  const look = async (): Promise<Picture> =>
    chosen(await client.tasks(given.all || operands.length > 0 ? 'all' : 'resumable'), {given, operands})
  const first = await look()
  if (first.tasks.length === 0 && given.session !== undefined) await assertKnownSession(given.session)
  return given.watch ? watch(first, {given, look}) : tell(first, given)
}

async function tell(picture: Picture, given: TasksFlags): Promise<number> {
  const {tasks: listed, unknown} = picture
  warn(picture, given)
  if (given.json) await printAnswer(documentOf(picture, 2))
  else if (!given.silent && (listed.length > 0 || unknown.length === 0)) await printAnswer(text(picture))
  tellRefusals(unknown, speechOf(given))
  return batchExitCode(refusalCodes(unknown))
}

interface Watching {
  readonly given: TasksFlags
  readonly look: () => Promise<Picture>
}

async function watch(first: Picture, {given, look}: Watching): Promise<number> {
  // Ids are never used again: what is not there does not come.
  const [unknown] = first.unknown
  if (unknown) throw unknown.error
  const gone = new AbortController()
  const stdout = standardOutput(() => gone.abort())
  let shown = ''
  for (let now = first; !gone.signal.aborted; now = await look()) {
    const picture = given.json ? documentOf(now, 0) : window(now)
    if (picture !== shown) {
      // Home, then clear to the end: what was there before is overdrawn without flicker.
      await stdout.write(given.json ? picture : `\x1B[H\x1B[J${picture}`)
      shown = picture
    }
    await sleep(watchInterval)
  }
  return 0
}

function chosen(
  listing: TaskListing,
  {given, operands}: {given: TasksFlags; operands: readonly string[]}
): Picture {
  const all = [...listing.tasks, ...listing.failed]
  const begins = (word: string, id: string): boolean => isTaskId(word) && id.startsWith(word)
  const inSession = ({session}: ListedTask): boolean =>
    given.session === undefined || given.session === session
  const wanted = (task: ListedTask): boolean =>
    inSession(task) && (operands.length === 0 || operands.some(word => begins(word, task.id)))
  const unknown = operands.filter(word => !all.some(({id}) => begins(word, id)))
  return {
    ...listing,
    tasks: listing.tasks.filter(wanted),
    failed: listing.failed.filter(wanted),
    unknown: unknown.map(id => ({id, error: taskUnknown(id)}))
  }
}

function documentOf({tasks: listed, unknown}: Picture, indentation: number): string {
  return `${jsonText({tasks: listed, ...refusalFacts(unknown)}, indentation)}\n`
}

function text({tasks: listed, failed}: TaskListing): string {
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined
  const table = listed.length === 0 ? ['There are no tasks.'] : taskTable(listed, columns)
  const reasons = listed.filter(({state}) => state === 'failed').map(task => reasonOf(task))
  const lines = [
    ...table,
    ...titled('Begins later:', beginnings(listed)),
    ...titled('Waits, and tries again:', disappointments(listed)),
    ...rest(listed),
    ...titled('Failed:', reasons),
    ...news(failed)
  ]
  return `${lines.join('\n')}\n`
}

// Nobody has watched them fail.
function news(failed: readonly ListedTask[]): readonly string[] {
  const newest = failed.slice(-mostNews).map(task => reasonOf(task))
  const lines = counted(newest, {of: failed.length, rest: 'ferry tasks --all'})
  return titled('Failed in the background, within a day:', lines)
}

/** Some of the lines, and how many others there are. */
function counted(lines: readonly string[], {of, rest}: {of: number; rest: string}): readonly string[] {
  return of > lines.length ? [...lines, `  and ${of - lines.length} more: ${rest}`] : lines
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines]
}

function beginnings(listed: readonly ListedTask[]): readonly string[] {
  const later = listed.filter(task => task.earliestBegin !== undefined)
  const first = later
    .slice(0, mostBeginnings)
    .map(task => `  ${task.id}  ${listedName(task)}: ${localMinute(Date.parse(task.earliestBegin ?? ''))}`)
  return counted(first, {of: later.length, rest: 'ferry tasks --json'})
}

function disappointments(listed: readonly ListedTask[]): readonly string[] {
  const waiting = listed.filter(({waitsAfter}) => waitsAfter !== undefined)
  const first = waiting.slice(0, mostNews).map(task => reasonOf(task, task.waitsAfter))
  return counted(first, {of: waiting.length, rest: 'ferry tasks --json'})
}

// Nothing else in the list tells it from what starts in a moment.
function rest(listed: readonly ListedTask[]): readonly string[] {
  const first = listed.find(task => task.state === 'waiting' && standsStill(task))
  if (!first) return []
  return [
    `The background service was stopped: ferry resume ${first.id} starts it, and all that waits goes on.`
  ]
}

function reasonOf(task: ListedTask, error: ListedTask['waitsAfter'] | null = task.error): string {
  const {message = 'nobody knows why', code = 'TASK_UNKNOWN'} = error ?? {}
  return `  ${task.id}  ${listedName(task)}: ${printable(message)} (${code})`
}

/** As much as the screen holds: more would scroll, and what is above cannot be drawn over. */
function window(listing: TaskListing): string {
  const {columns} = process.stdout
  const lines = text(listing)
    .trimEnd()
    .split('\n')
    .map(line => truncateEnd(line, columns))
  const room = Math.max(3, process.stdout.rows - 1)
  if (lines.length <= room) return `${lines.join('\n')}\n`
  return `${[...lines.slice(0, room - 1), `and ${lines.length - room + 1} more`].join('\n')}\n`
}

function warn({unreadable, silent}: TaskListing, given: TasksFlags): void {
  if (given.quiet || given.silent) return
  for (const path of unreadable) process.stderr.write(`warning: ${printable(path)} cannot be understood\n`)
  for (const pid of silent) process.stderr.write(`warning: process ${pid} does not answer\n`)
}
