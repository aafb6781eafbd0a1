import type {SessionKind} from '../engine/index.ts'

/** A value as it is stored and printed: references instead of secrets, paths instead of contents. */
export type StoredValue = string | number | boolean | readonly string[]

/** A named configuration that sessions are made of. */
export interface Profile {
  readonly name: string
  readonly kind: SessionKind
  /** Grows by one with every change; 0 = built in, never changed (R58). */
  readonly revision: number
  readonly description: string | undefined
  /** What differs from the defaults, by the whole name of the key ("timeouts.idle"). */
  readonly values: Readonly<Record<string, StoredValue>>
}

/** The sessions that are always there (R3, R8). They have the defaults, and cannot be changed. */
export const builtInProfiles: readonly Profile[] = [
  {
    name: 'shared',
    kind: 'default',
    revision: 0,
    description: 'used where no session is named',
    values: {}
  },
  {
    name: 'ephemeral',
    kind: 'ephemeral',
    revision: 0,
    description: 'leaves nothing on disk but the files it is asked for',
    values: {}
  },
  {
    name: 'background',
    kind: 'background',
    revision: 0,
    description: 'goes on when the command, or the terminal, has ended',
    values: {}
  }
]

/** What a session has that nobody has told anything: there to be looked at and copied. */
export const defaultsProfile: Profile = {
  name: 'default',
  kind: 'default',
  revision: 0,
  description: 'the values that a session begins with',
  values: {}
}
