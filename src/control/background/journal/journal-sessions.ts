import type {DatabaseSync, StatementSync} from 'node:sqlite'
import {sumOf} from './journal-sum.ts'
import type {Row} from './journal-sum.ts'

/** A session's place in its own story. A row stays when the session is forgotten: no seq is ever used again. */
export interface SessionRow {
  readonly identifier: string
  readonly state: 'valid' | 'invalidating'
  /** How much was told: the seq of the next event. */
  readonly told: number
  /** The last seq that was acknowledged; -1 = none. */
  readonly acknowledged: number
}

/** The sessions of the journal. */
export class JournalSessions {
  readonly #find: StatementSync
  readonly #all: StatementSync
  readonly #write: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT * FROM sessions WHERE identifier = ?')
    this.#all = database.prepare('SELECT * FROM sessions ORDER BY identifier')
    this.#write = database.prepare(
      'INSERT OR REPLACE INTO sessions (identifier, state, told, acknowledged, sum) VALUES (?, ?, ?, ?, ?)'
    )
  }

  /** One that nobody has heard of is valid and has told nothing. */
  find(identifier: string): SessionRow {
    const row = this.#find.get(identifier)
    return row ? sessionOf(row) : {identifier, state: 'valid', told: 0, acknowledged: -1}
  }

  all(): readonly SessionRow[] {
    return this.#all.all().map(sessionOf)
  }

  write({identifier, state, told, acknowledged}: SessionRow): void {
    const values = [identifier, state, told, acknowledged]
    this.#write.run(...values, sumOf(values))
  }
}

function sessionOf({identifier, state, told, acknowledged}: Row): SessionRow {
  return {
    identifier: String(identifier),
    state: state === 'invalidating' ? 'invalidating' : 'valid',
    told: Number(told),
    acknowledged: Number(acknowledged)
  }
}
