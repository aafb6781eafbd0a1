import {existsSync} from 'node:fs'
import type {DatabaseSync} from 'node:sqlite'
import {pathToFileURL} from 'node:url'
import {TransferError} from '../transfer-error.ts'
import {isDamage, storeFailure} from './database-failure.ts'
import {schemaVersion} from './database.ts'
import {preparePrivateFile} from './private-store-file.ts'

/** Opens a store of ours for looking. Throws what keeps it from being used; see lookingFailure. */
export async function openForLooking(path: string): Promise<DatabaseSync> {
  preparePrivateFile(path)
  const {DatabaseSync} = await import('node:sqlite')
  const address = pathToFileURL(path)
  // Where nobody is at work, SQLite needs no files of its own beside it.
  if (!existsSync(`${path}-wal`)) address.searchParams.set('immutable', '1')
  const database = new DatabaseSync(address, {readOnly: true})
  const {user_version: version} = database.prepare('PRAGMA user_version').get() ?? {}
  if (Number(version) <= schemaVersion) return database
  database.close()
  throw new TransferError('REFUSED', `The store ${path} was written by a newer ferry`, {
    hint: 'Update ferry, or point FERRY_HOME at another folder.'
  })
}

/** Why a store cannot be looked into. Anything that is no failure of a store is thrown. */
export function lookingFailure(path: string, error: unknown): TransferError {
  if (isDamage(error)) {
    return new TransferError('READ_FAILED', `The store ${path} is damaged`, {
      hint: 'The next transfer puts it aside and begins a new one.',
      cause: error
    })
  }
  const failure = storeFailure(path, error)
  if (failure instanceof TransferError) return failure
  throw failure
}
