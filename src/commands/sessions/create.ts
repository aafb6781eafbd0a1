import type {CommandDeclaration} from '../../cli/command.ts'
import type {FlagTable, FlagValues} from '../../cli/flag-table.ts'
import {changeFlags, createFlags} from '../../cli/flags/sessions.ts'
import {settingsOf, storableFlags} from '../../cli/storable-flags.ts'
import {transferFlags, uploadFlags} from '../../cli/transfer-flags.ts'
import {explainUnstorableFlag} from '../../cli/unstorable-flags.ts'
import {createProfile} from '../../profiles/profile-changes.ts'
import {readProfile} from '../../profiles/profile-file.ts'
import {assertOwnProfile, assertProfileName} from '../../profiles/profile-name.ts'
import {withSettings} from '../../profiles/settings.ts'
import {runCommand} from '../run-command.ts'
import {oneName, profilePlace, tell} from './session-words.ts'

const storable: FlagTable = Object.fromEntries(
  Object.entries({...uploadFlags, ...transferFlags}).filter(([name]) => Object.hasOwn(storableFlags, name))
)

const flags: typeof createFlags & typeof changeFlags & FlagTable = {
  ...createFlags,
  ...storable,
  ...changeFlags
}

export const create: CommandDeclaration = {
  id: 'sessions:create',
  summary: 'Make a session: a name for headers, credentials, proxies and limits.',
  description:
    'Takes the flags of get and upload that are about more than one transfer. Secrets are not stored: name where they are found, as ' +
    'env:NAME, @FILE, keychain:NAME, or - to be asked each time. What has no flag is set with ferry sessions set.',
  operand: {name: 'NAME', summary: 'letters, digits, dots, dashes and underscores', count: 'one'},
  examples: [
    {
      description: 'A session for a private host, its token in the environment',
      command: 'ferry sessions create artifacts --oauth2-bearer env:ARTIFACTS_TOKEN'
    },
    {
      description: 'Use it',
      command: 'ferry get --session artifacts https://artifacts.example.com/build.tar.gz'
    },
    {
      description: 'A copy of it that leaves nothing on disk and is patient',
      command: 'ferry sessions create once --from artifacts --kind ephemeral --retry 20 --idle-timeout 5m'
    },
    {
      description: 'One whose transfers run at night, without a terminal: use it like the others',
      command: 'ferry sessions create nightly --kind background --window 01:00-06:00 --limit-rate 2M'
    }
  ],
  flags,
  run: argv =>
    runCommand({
      argv,
      flags,
      explain: explainUnstorableFlag,
      perform: ({flags: given, operands}) => perform(given, operands)
    })
}

async function perform(given: FlagValues<typeof flags>, operands: readonly string[]): Promise<number> {
  const name = oneName(operands, 'create')
  // Said before any file is looked for.
  assertProfileName(name)
  assertOwnProfile(name)
  const place = profilePlace(given)
  const base = given.from === undefined ? undefined : await readProfile(given.from, place)
  const made = await createProfile(
    {
      name,
      kind: given.kind ?? base?.kind ?? 'default',
      description: given.description,
      values: withSettings(base?.values ?? {}, await settingsOf(given))
    },
    place
  )
  tell(given, `The session ${made.name} is made. Use it with: ferry get --session ${made.name} URL`)
  return 0
}
