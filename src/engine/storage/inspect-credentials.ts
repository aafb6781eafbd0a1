import {lstatSync} from 'node:fs'
import {join} from 'node:path'
import type {ProtectionSpace} from '../authentication-challenge.ts'
import type {TransferError} from '../transfer-error.ts'
import {spaceOf} from './credential-vault.ts'
import type {StoredIn} from './inspect-stores.ts'
import {lookingFailure, openForLooking} from './look-into-database.ts'

/** For which places one session has a credential on disk or in the keychain; never the credential. */
export interface CredentialInspection {
  readonly path: string
  /** Bytes of the file; undefined where there is none. */
  readonly size: number | undefined
  readonly spaces: readonly ProtectionSpace[]
  /** Why they cannot be used. */
  readonly error: TransferError | undefined
}

/** Looks at the stored credentials of a session without changing anything, and without asking a keychain. */
export async function inspectCredentials({folder, session}: StoredIn): Promise<CredentialInspection> {
  const path = join(folder, 'credentials.sqlite')
  let size: number | undefined
  try {
    size = lstatSync(path, {throwIfNoEntry: false})?.size
    if (size === undefined) return {path, size, spaces: [], error: undefined}
    const database = await openForLooking(path)
    try {
      const rows = database.prepare('SELECT space FROM credentials WHERE session = ?').all(session)
      const spaces = rows.map(({space}) => spaceOf(String(space))).filter(space => space !== undefined)
      return {path, size, spaces, error: undefined}
    } finally {
      database.close()
    }
  } catch (error) {
    return {path, size, spaces: [], error: lookingFailure(path, error)}
  }
}
