import type {CommandDeclaration} from '../cli/command.ts'
import type {FlagTable, FlagValues} from '../cli/flag-table.ts'
import {resultFlags} from '../cli/flags/output.ts'
import {usageError} from '../cli/usage-error.ts'
import {commandIds} from '../cli/first-word.ts'
import {printAnswer} from '../cli/standard-output.ts'
import type {TransferError} from '../engine/index.ts'
import {nearestWord} from '../profiles/nearest-word.ts'
import {listProfiles} from '../profiles/profile-file.ts'
import type {Profile} from '../profiles/profile.ts'
import {printable} from '../ui/printable.ts'
import {jsonDocument} from '../ui/json-text.ts'
import {runCommand} from './run-command.ts'
import {profilePlace} from './sessions/session-words.ts'

const flags = {...resultFlags} as const satisfies FlagTable

export const sessions: CommandDeclaration = {
  id: 'sessions',
  summary: 'List the sessions; the commands below it make and change them.',
  description:
    'A session is a named configuration with its own cookies, credentials and cache. Name it with --session, and every ' +
    'transfer has its headers, time limits, proxies and certificates.',
  examples: [
    {
      description: 'Make one for a private host, its token in the environment',
      command: 'ferry sessions create artifacts --oauth2-bearer env:ARTIFACTS_TOKEN'
    },
    {
      description: 'Use it',
      command: 'ferry get --session artifacts https://artifacts.example.com/build.tar.gz'
    },
    {
      description: 'Change it: be more patient',
      command: 'ferry sessions set artifacts timeouts.idle=5m'
    },
    {description: 'What is there', command: 'ferry sessions'}
  ],
  flags,
  run: argv => runCommand({argv, flags, perform: words => perform(words.flags, words.operands)})
}

async function perform(given: FlagValues<typeof flags>, operands: readonly string[]): Promise<number> {
  const [word] = operands
  if (word !== undefined && word !== 'list') throw unknownWord(word)
  const profiles = await listProfiles(profilePlace(given))
  if (given.json) await printAnswer(documentOf(profiles))
  else if (!given.silent) await printAnswer(tableOf(profiles))
  return 0
}

function unknownWord(word: string): TransferError {
  const words = commandIds.flatMap(id => (id.startsWith('sessions:') ? [id.slice('sessions:'.length)] : []))
  const near = nearestWord(words, word)
  return usageError(
    `sessions has no command ${JSON.stringify(word)}`,
    near === undefined ? `Its commands are: ${words.join(', ')}.` : `Did you mean: ferry sessions ${near}`
  )
}

type Listed = Omit<Profile, 'values'>

function documentOf(profiles: readonly Listed[]): string {
  const listed = profiles.map(({name, kind, revision, description = null}) => ({
    name,
    kind,
    revision,
    description
  }))
  return jsonDocument(listed)
}

function tableOf(profiles: readonly Listed[]): string {
  const width = Math.max(...profiles.map(({name}) => name.length))
  return profiles
    .map(({name, kind, description = ''}) =>
      `${name.padEnd(width)}  ${kind.padEnd(10)}  ${printable(description)}`.trimEnd()
    )
    .map(line => `${line}\n`)
    .join('')
}
