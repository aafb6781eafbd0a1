import type {DatabaseSync, StatementSync} from 'node:sqlite'
import type {JournalEvent, NumberedEvent} from '../background-task.ts'
import {sumOf} from './journal-sum.ts'
import type {Row} from './journal-sum.ts'

/** What was told and not acknowledged. */
export class JournalEvents {
  readonly #insert: StatementSync
  readonly #after: StatementSync
  readonly #forget: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO events (session, seq, event, task, time, facts, sum) VALUES (?, ?, ?, ?, ?, ?, ?)'
    )
    this.#after = database.prepare('SELECT * FROM events WHERE session = ? AND seq > ? ORDER BY seq LIMIT ?')
    this.#forget = database.prepare('DELETE FROM events WHERE session = ? AND seq <= ?')
  }

  add(session: string, event: NumberedEvent): void {
    const {seq, task, time} = event
    const values = [session, seq, event.event, task, time, JSON.stringify(event.facts)]
    this.#insert.run(...values, sumOf(values))
  }

  after(session: string, facts: {readonly after: number; readonly limit: number}): readonly NumberedEvent[] {
    return this.#after.all(session, facts.after, facts.limit).map(eventOf)
  }

  forget(session: string, seq: number): void {
    this.#forget.run(session, seq)
  }
}

function eventOf({seq, event, task, time, facts}: Row): NumberedEvent {
  return {
    seq: Number(seq),
    event: String(event),
    task: typeof task === 'string' ? task : null,
    time: String(time),
    facts: JSON.parse(String(facts)) as JournalEvent['facts']
  }
}
