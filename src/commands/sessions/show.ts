import type {CommandDeclaration} from '../../cli/command.ts'
import type {FlagValues} from '../../cli/flag-table.ts'
import {resultFlags as flags} from '../../cli/flags/output.ts'
import {printAnswer} from '../../cli/standard-output.ts'
import {describeConfiguration} from '../../profiles/configuration.ts'
import type {Profile, StoredValue} from '../../profiles/profile.ts'
import {readProfile} from '../../profiles/profile-file.ts'
import {printable} from '../../ui/printable.ts'
import {runCommand} from '../run-command.ts'
import {oneName, profilePlace} from './session-words.ts'

export const show: CommandDeclaration = {
  id: 'sessions:show',
  summary: 'Show what a session has.',
  description:
    'Prints what differs from the defaults, as ferry sessions set takes it; with --json every key with its value. Secrets ' +
    'are shown as the references they are.',
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
  await printAnswer(given.json ? documentOf(profile) : textOf(profile))
  return 0
}

function documentOf(profile: Profile): string {
  const {name, kind, revision, description = null} = profile
  const shown = {name, kind, revision, configuration: describeConfiguration(profile), description}
  return `${JSON.stringify(shown, undefined, 2)}\n`
}

function textOf({name, kind, revision, description, values}: Profile): string {
  const about = [`${name}: ${kind} session, revision ${revision}`, ...(description ? [description] : [])]
  const settings = Object.entries(values).map(([key, value]) => `${key}=${wordOf(value)}`)
  const lines = settings.length > 0 ? settings.toSorted() : ['Every key has its default; --json shows them.']
  return [...about, ...lines].map(line => `${printable(line)}\n`).join('')
}

// As set takes it: a list whose members have commas of their own is written as JSON.
function wordOf(value: StoredValue): string {
  if (typeof value !== 'object') return String(value)
  return value.some(each => each.includes(',')) ? JSON.stringify(value) : value.join(',')
}
