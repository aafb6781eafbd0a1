import {createHash} from 'node:crypto'
import type {DatabaseSync, StatementSync} from 'node:sqlite'
import {crc32} from 'node:zlib'
import {TransferError} from '../../../engine/index.ts'

// So many erased ones are worth the cost of writing the others again.
const rubbish = 1000

/**
 * What goes from the file for good when nothing needs it. secure_delete is not enough for that: when SQLite moves a row to
 * another page, to make room or to fill up, the bytes of the old place stay. So rows are only added at the end, which moves
 * none, and overwritten where they are by as many zeros. They are removed all at once, which clears whole pages.
 */
export class JournalSecrets {
  readonly #database: DatabaseSync
  readonly #insert: StatementSync
  readonly #find: StatementSync
  readonly #erase: StatementSync
  /** What is under a key that may be shared; a hash of secrets is not for the disk. */
  readonly #hashes = new Map<number, string>()

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#insert = database.prepare('INSERT INTO secrets (content) VALUES (?)')
    this.#find = database.prepare('SELECT content FROM secrets WHERE key = ?')
    // The same size to the byte, or SQLite would look for another place.
    this.#erase = database.prepare('UPDATE secrets SET content = zeroblob(length(content)) WHERE key = ?')
  }

  /** Returns the key of it. */
  add(content: unknown): number {
    return Number(this.#insert.run(seal(JSON.stringify(content))).lastInsertRowid)
  }

  /** As add(), unless the same content is kept already under one of these keys. */
  share(content: unknown, kept: readonly number[]): number {
    const hash = hashOf(JSON.stringify(content))
    return kept.find(key => this.#hashUnder(key) === hash) ?? this.add(content)
  }

  /** Throws READ_FAILED for what is gone. */
  content(key: number): unknown {
    const text = unseal(this.#find.get(key)?.['content'])
    if (text !== undefined) return JSON.parse(text)
    throw new TransferError('READ_FAILED', 'What a background transfer was configured with is gone', {
      hint: 'Start the transfer again.'
    })
  }

  erase(key: number): void {
    this.#erase.run(key)
    this.#hashes.delete(key)
  }

  /** Erases all but these, and makes the file smaller when much of it is zeros. */
  sweep(needed: readonly number[]): void {
    const all = this.#database.prepare('SELECT key, content FROM secrets ORDER BY key').all()
    const isNeeded = new Set(needed)
    const kept = all.filter(({key}) => isNeeded.has(Number(key)))
    for (const {key} of all) if (!isNeeded.has(Number(key))) this.erase(Number(key))
    if (all.length - kept.length < rubbish) return
    this.#database.exec('DELETE FROM secrets')
    const restore = this.#database.prepare('INSERT INTO secrets (key, content) VALUES (?, ?)')
    for (const {key, content} of kept) restore.run(key ?? null, content ?? null)
  }

  // Of what is kept already: what is added now may be taken back with its transaction.
  #hashUnder(key: number): string | undefined {
    const known = this.#hashes.get(key)
    if (known !== undefined) return known
    const text = unseal(this.#find.get(key)?.['content'])
    const hash = text === undefined ? undefined : hashOf(text)
    if (hash !== undefined) this.#hashes.set(key, hash)
    return hash
  }
}

/** The text under a sum in front of it; never empty, and never a zero first. */
function seal(text: string): Uint8Array {
  return Buffer.from(crc32(text).toString(16).padStart(8, '0') + text)
}

/** Undefined for what was erased, or is not as it was written. */
export function unseal(content: unknown): string | undefined {
  if (!(content instanceof Uint8Array)) return undefined
  const sealed = Buffer.from(content).toString()
  const text = sealed.slice(8)
  return sealed.slice(0, 8) === crc32(text).toString(16).padStart(8, '0') ? text : undefined
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
