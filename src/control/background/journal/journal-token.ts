import {createHmac, randomBytes, timingSafeEqual} from 'node:crypto'
import type {DatabaseSync} from 'node:sqlite'
import {TransferError} from '../../../engine/index.ts'
import {sumOf} from './journal-sum.ts'

/** The place in a session's order of events that a token stands for. */
export interface Place {
  readonly session: string
  readonly seq: number
}

/** The same for the same place and key, and not to be guessed without the key. */
export function tokenOf({session, seq}: Place, key: string): string {
  const proof = createHmac('sha256', Buffer.from(key, 'hex'))
    .update(JSON.stringify([session, seq]))
    .digest('base64url')
  return `${seq + 1}.${proof}`
}

/** The seq that a token of the session was made for. Throws USAGE for anything else. */
export function seqOfToken(token: string, session: string, key: string): number {
  const seq = Number(/^(\d{1,15})\./.exec(token)?.[1] ?? 0) - 1
  const [given, right] = [token, tokenOf({session, seq}, key)].map(each => Buffer.from(each))
  if (given && right && given.length === right.length && timingSafeEqual(given, right)) return seq
  throw wrongToken(session)
}

/** The key of a journal's tokens; makes it for a new one. */
export function keyIn(database: DatabaseSync): string {
  const values = ['tokenKey', randomBytes(32).toString('hex')]
  database
    .prepare('INSERT OR IGNORE INTO facts (name, value, sum) VALUES (?, ?, ?)')
    .run(...values, sumOf(values))
  return String(database.prepare('SELECT value FROM facts WHERE name = ?').get('tokenKey')?.['value'])
}

export function wrongToken(session: string): TransferError {
  return new TransferError('USAGE', `The token is none of the session ${JSON.stringify(session)}`, {
    hint: `Take the one of session.eventsFinished: ferry sessions attach ${session}`
  })
}
