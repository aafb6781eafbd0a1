import type {DatabaseSync} from 'node:sqlite'
import type {JournalRooms} from './journal-rooms.ts'

/** How many ended tasks are kept at least, for lists and for who waits for one. */
export const keptEnds = 1000
/** Milliseconds for which anything is kept that has ended. */
export const longestMemory = 90 * 24 * 3600 * 1000

/** Forgets ended tasks whose end was delivered, but for the newest ends. */
export function forgetDelivered(database: DatabaseSync): void {
  database
    .prepare(
      `DELETE FROM tasks WHERE sequence IN
         (SELECT sequence FROM tasks WHERE ended IS NOT NULL ORDER BY ended DESC, sequence DESC LIMIT -1 OFFSET ?)
       AND batch IS NULL
       AND told <= (SELECT acknowledged FROM sessions WHERE identifier = tasks.session)`
    )
    .run(keptEnds)
}

/** Forgets what has been told so long ago that nobody will ask for it. */
export function forgetOld({database, sessions, events}: JournalRooms, now: number): void {
  const limit = now - longestMemory
  database.prepare('DELETE FROM tasks WHERE ended < ?').run(limit)
  const oldest = database.prepare('SELECT max(seq) AS seq FROM events WHERE session = ? AND time < ?')
  for (const place of sessions.all()) {
    const {seq} = oldest.get(place.identifier, new Date(limit).toISOString()) ?? {}
    if (typeof seq !== 'number') continue
    events.forget(place.identifier, seq)
    sessions.write({...place, acknowledged: Math.max(place.acknowledged, seq)})
  }
}
