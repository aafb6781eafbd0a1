import type {DatabaseSync} from 'node:sqlite'
import {factOf, writeFact} from './journal-facts.ts'
import type {JournalRooms} from './journal-rooms.ts'

/** How many ended tasks are kept at least, for lists and for who waits for one. */
export const keptEnds = 1000
/** Milliseconds for which anything is kept that has ended. */
export const longestMemory = 90 * 24 * 3600 * 1000

// Milliseconds between two looks that are no leap of the clock, and for which there must have been none.
const longestAbsence = 30 * 24 * 3600 * 1000
const probation = 7 * 24 * 3600 * 1000

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

/**
 * Forgets what has been told so long ago that nobody will ask for it. A clock that was set forward makes everything old at
 * once: nothing goes before it has kept its pace for a week.
 */
export function forgetOld({database, sessions, events}: JournalRooms, now: number): void {
  if (!keepsPace(database, now)) return
  const limit = now - longestMemory
  database.prepare('DELETE FROM tasks WHERE ended < ?').run(limit)
  // Up to the first that is not old: those after a wrong time may be young.
  const oldest = database.prepare(
    `SELECT coalesce(min(seq) FILTER (WHERE time >= $time) - 1, max(seq)) AS seq FROM events WHERE session = $session`
  )
  for (const place of sessions.all()) {
    const {seq} = oldest.get({session: place.identifier, time: new Date(limit).toISOString()}) ?? {}
    if (typeof seq !== 'number' || seq <= place.acknowledged) continue
    events.forget(place.identifier, seq)
    sessions.write({...place, acknowledged: seq})
  }
}

function keepsPace(database: DatabaseSync, now: number): boolean {
  const [seen, since] = (factOf(database, 'pace') ?? '').split(' ').map(Number)
  const isSteady =
    seen !== undefined && since !== undefined && now >= seen - probation && now - seen < longestAbsence
  writeFact(database, 'pace', `${now} ${isSteady ? since : now}`)
  return isSteady && now - since >= probation
}
