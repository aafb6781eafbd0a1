import {setTimeout as sleep} from 'node:timers/promises'
import type {CommandDeclaration} from '../cli/command.ts'
import type {FlagTable, FlagValues} from '../cli/flag-table.ts'
import {resultFlags} from '../cli/flags/output.ts'
import {printAnswer, standardOutput} from '../cli/standard-output.ts'
import {usageError} from '../cli/usage-error.ts'
import type {TaskListing} from '../control/control-client.ts'
import type {ListedTask} from '../control/task-record.ts'
import {truncateEnd} from '../ui/fit.ts'
import {jsonText} from '../ui/json-text.ts'
import {localMinute} from '../ui/local-minute.ts'
import {printable} from '../ui/printable.ts'
import {runCommand} from './run-command.ts'
import {openControlDesk} from './transfer/control-desk.ts'
import {assertKnownSession} from './transfer/known-session.ts'
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

async function perform(given: TasksFlags, operands: readonly string[]): Promise<number> {
  if (given.watch && !given.json && process.stdout.isTTY !== true) {
    throw usageError('--watch draws on a terminal', 'Add --json for a program that reads along.')
  }
  const {client} = openControlDesk()
  const look = async (): Promise<TaskListing> =>
    chosen(await client.tasks(given.all || operands.length > 0 ? 'all' : 'resumable'), {given, operands})
  if (!given.watch) {
    const listing = await look()
    if (listing.tasks.length === 0 && given.session !== undefined) await assertKnownSession(given.session)
    warn(listing, given)
    await printAnswer(given.json ? documentOf(listing, 2) : text(listing))
    return 0
  }
  const gone = new AbortController()
  const stdout = standardOutput(() => gone.abort())
  for (let shown = ''; !gone.signal.aborted; await sleep(watchInterval)) {
    const listing = await look()
    const picture = given.json ? documentOf(listing, 0) : window(listing)
    if (picture === shown) continue
    // Home, then clear to the end: what was there before is overdrawn without flicker.
    await stdout.write(given.json ? picture : `\x1B[H\x1B[J${picture}`)
    shown = picture
  }
  return 0
}

function chosen(
  listing: TaskListing,
  {given, operands}: {given: TasksFlags; operands: readonly string[]}
): TaskListing {
  const isWanted = (id: string): boolean =>
    operands.length === 0 || operands.some(word => id.startsWith(word))
  const inSession = (name: string): boolean => given.session === undefined || given.session === name
  const wanted = ({id, session}: ListedTask): boolean => isWanted(id) && inSession(session)
  return {...listing, tasks: listing.tasks.filter(wanted), failed: listing.failed.filter(wanted)}
}

function documentOf(listing: TaskListing, indentation: number): string {
  return `${jsonText({tasks: listing.tasks}, indentation)}\n`
}

function text({tasks: listed, failed}: TaskListing): string {
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined
  const table = listed.length === 0 ? ['There are no tasks.'] : taskTable(listed, columns)
  const reasons = listed.filter(({state}) => state === 'failed').map(reasonOf)
  const lines = [
    ...table,
    ...titled('Begins later:', beginnings(listed)),
    ...titled('Failed:', reasons),
    ...news(failed)
  ]
  return `${lines.join('\n')}\n`
}

// Nobody has watched them fail.
function news(failed: readonly ListedTask[]): readonly string[] {
  const newest = failed.slice(-mostNews).map(reasonOf)
  const rest = failed.length - newest.length
  const all = rest > 0 ? [`  and ${rest} more: ferry tasks --all`] : []
  return titled('Failed in the background, within a day:', [...newest, ...all])
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines]
}

function beginnings(listed: readonly ListedTask[]): readonly string[] {
  const later = listed.filter(task => task.earliestBegin !== undefined)
  const first = later
    .slice(0, mostBeginnings)
    .map(task => `  ${task.id}  ${listedName(task)}: ${localMinute(Date.parse(task.earliestBegin ?? ''))}`)
  const rest = later.length - first.length
  return rest > 0 ? [...first, `  and ${rest} more: ferry tasks --json`] : first
}

function reasonOf(task: ListedTask): string {
  const {message = 'nobody knows why', code = 'TASK_UNKNOWN'} = task.error ?? {}
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
