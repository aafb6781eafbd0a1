import type {CommandDeclaration} from '../../cli/command.ts'
import type {FlagValues} from '../../cli/flag-table.ts'
import {resultFlags as flags} from '../../cli/flags/output.ts'
import {printAnswer} from '../../cli/standard-output.ts'
import {describeConfiguration} from '../../profiles/configuration.ts'
import type {Profile, StoredValue} from '../../profiles/profile.ts'
import {readProfile} from '../../profiles/profile-file.ts'
import {printable} from '../../ui/printable.ts'
import type {SessionStanding} from '../../control/background/session-standing.ts'
import {openBackground} from '../transfer/background-desk.ts'
import {workWords} from '../daemon/status.ts'
import {runCommand} from '../run-command.ts'
import {jsonDocument} from '../../ui/json-text.ts'
import {oneName, profilePlace} from './session-words.ts'

export const show: CommandDeclaration = {
  id: 'sessions:show',
  summary: 'Show what a session has.',
  description:
    'Prints what differs from the defaults, as ferry sessions set takes it; with --json every key with its value. Secrets ' +
    'are shown as the references they are. Of a background session also how many tasks the background service has, and ' +
    'which process is attached.',
  operand: {name: 'NAME', summary: 'the session', count: 'one'},
  examples: [
    {description: 'What is special about it', command: 'ferry sessions show artifacts'},
    {description: 'Every key there is, with its value', command: 'ferry sessions show shared --json'}
  ],
  flags,
  run: argv => runCommand({argv, flags, perform: ({flags: given, operands}) => perform(given, operands)})
}

async function perform(given: FlagValues<typeof flags>, operands: readonly string[]): Promise<number> {
  const profile = await readProfile(oneName(operands, 'show'), profilePlace(given))
  const standing = profile.kind === 'background' ? await standingOf(profile.name) : undefined
  if (given.json) await printAnswer(documentOf(profile, standing))
  else if (!given.silent) await printAnswer(textOf(profile, standing))
  return 0
}

type Standing = Pick<SessionStanding, 'state' | 'undelivered' | 'daemon' | 'client'>

// What the background service has of it, and who hears of that: two things (R72).
async function standingOf(name: string): Promise<Standing> {
  const standings = await openBackground().sessions()
  return standings.find(({identifier}) => identifier === name) ?? unused
}

const unused: Standing = {
  state: 'valid',
  undelivered: 0,
  daemon: {
    pid: null,
    tasks: {waiting: 0, running: 0, held: 0, paused: 0, completed: 0, failed: 0, cancelled: 0}
  },
  client: {attached: null}
}

function documentOf(profile: Profile, standing: Standing | undefined): string {
  const {name, kind, revision, description = null} = profile
  const shown = {name, kind, revision, configuration: describeConfiguration(profile), description}
  const {state, undelivered, daemon, client} = standing ?? {}
  const now = standing ? {state, undelivered, daemon, client} : {}
  return jsonDocument({...shown, ...now})
}

function textOf(
  {name, kind, revision, description, values}: Profile,
  standing: Standing | undefined
): string {
  const about = [`${name}: ${kind} session, revision ${revision}`, ...(description ? [description] : [])]
  const settings = Object.entries(values).map(([key, value]) => `${key}=${wordOf(value)}`)
  const lines = settings.length > 0 ? settings.toSorted() : ['Every key has its default; --json shows them.']
  const now = standing ? linesOf(standing) : []
  return [...about, ...now, ...lines].map(line => `${printable(line)}\n`).join('')
}

function linesOf({
  state,
  undelivered,
  daemon: {pid, tasks},
  client: {attached}
}: Standing): readonly string[] {
  const work = workWords(tasks)
  const who = pid === null ? ' (which does not run)' : ` (process ${pid})`
  const events = undelivered === 1 ? '1 event' : `${undelivered} events`
  return [
    ...(state === 'invalidating' ? ['It is being invalidated, and takes no new tasks.'] : []),
    `Tasks in the background service${work === 'none' ? '' : who}: ${work}`,
    `Attached: ${attached === null ? 'nobody' : `process ${attached}`}; ${events} not acknowledged`
  ]
}

// As set takes it: a list whose members have commas of their own is written as JSON.
function wordOf(value: StoredValue): string {
  if (typeof value !== 'object') return String(value)
  return value.some(each => each.includes(',')) ? JSON.stringify(value) : value.join(',')
}
