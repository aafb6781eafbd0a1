import {createHash} from 'node:crypto'
import {TransferError} from '../../../engine/index.ts'
import type {Places} from '../../places.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a service manager has to know to start the daemon. */
export interface ServiceFacts {
  /** ferry, with a mark of FERRY_HOME where that is set: each home has a service of its own. */
  readonly name: string
  /** The program and its words. */
  readonly command: readonly string[]
  /** Variables that tell where the folders are; the rest is the manager's business. */
  readonly environment: Readonly<Record<string, string>>
  readonly places: Pick<Places, 'runtime' | 'state'>
  /** XDG_RUNTIME_DIR, where the sockets are in it. */
  readonly runtimeRoot: string | undefined
}

/** A file that a service manager reads. */
export interface ServiceFile {
  readonly path: string
  readonly content: string | Uint8Array
}

/** What every file of ours says of itself: no other is ever replaced or removed. */
export const ownMark = 'Made by: ferry daemon install'

const kept = ['FERRY_HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'TMPDIR', 'PATH']

/** The facts for this user. Throws REFUSED for a path that no service manager can write down. */
export function serviceFacts(
  environment: Environment,
  facts: Pick<ServiceFacts, 'command' | 'places'>
): ServiceFacts {
  const home = environment['FERRY_HOME']
  const mark = home && createHash('sha256').update(facts.places.state).digest('hex').slice(0, 6)
  const set = kept.flatMap(name => {
    const value = environment[name]
    return value ? [[name, value] as const] : []
  })
  const {runtime, state} = facts.places
  const root = environment['XDG_RUNTIME_DIR']
  for (const text of [...facts.command, ...set.flat(), runtime, state]) assertOneLine(text)
  return {
    ...facts,
    name: mark ? `ferry-${mark}` : 'ferry',
    environment: Object.fromEntries(set),
    runtimeRoot: root && runtime.startsWith(`${root}/`) ? root : undefined
  }
}

/** Text as XML has it, in elements and attributes. */
export function xmlText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
}

function assertOneLine(text: string): void {
  if (!/\p{Cc}/u.test(text)) return
  throw new TransferError('REFUSED', `A service cannot be told of ${JSON.stringify(text)}`, {
    hint: 'It has a control character in its name: use a folder without.'
  })
}
