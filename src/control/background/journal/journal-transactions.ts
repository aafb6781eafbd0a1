import {TransferError} from '../../../engine/index.ts'
import type {TaskRecord} from '../../task-record.ts'
import type {JournalEvent, NumberedEvent, TaskChange} from '../background-task.ts'
import {changedRow} from './journal-row.ts'
import {remainderOf} from './journal-remainder.ts'
import {forgetDelivered} from './journal-retention.ts'
import type {TaskRow} from './journal-row.ts'
import type {JournalRooms} from './journal-rooms.ts'
import type {Batch, TaskUpdate} from '../journal.ts'
import type {Snapshot, Submission} from '../submission.ts'
import {isFinal} from '../task-standing.ts'

// What the journal does at once or not at all. Each of these is the inside of one transaction.

/** Takes the tasks of a submission. */
export function submit(
  rooms: JournalRooms,
  {session, snapshot, tasks}: Submission,
  records: readonly TaskRecord[]
): void {
  const place = rooms.sessions.find(session)
  if (place.state === 'invalidating') {
    throw new TransferError('BUSY', `The session ${session} is being invalidated and takes no new tasks`, {
      hint: 'Its identifier can be used again when its tasks have ended.'
    })
  }
  rooms.sessions.write(place)
  const {onComplete, environment} = snapshot
  const {secrets} = rooms
  const key = secrets.share(snapshot, rooms.needs.snapshots())
  const batch = onComplete === null ? null : secrets.share({onComplete, environment}, rooms.needs.batches())
  for (const [index, submitted] of tasks.entries()) {
    const work = remainderOf(submitted.work)
    const hidden =
      JSON.stringify(work) === JSON.stringify(submitted.work) ? null : secrets.add(submitted.work)
    const record = records[index]
    if (!record) throw new TypeError(`There is no record of the task ${submitted.id}`)
    rooms.tasks.add({submitted, work, hidden, session, snapshot: key, batch, record})
  }
}

/** Gives what is told of a session its numbers. */
export function tell(
  rooms: JournalRooms,
  session: string,
  events: readonly JournalEvent[]
): readonly NumberedEvent[] {
  const place = rooms.sessions.find(session)
  const numbered = events.map((event, index) => ({...event, seq: place.told + index}))
  for (const event of numbered) rooms.events.add(session, event)
  rooms.sessions.write({...place, told: place.told + numbered.length})
  return numbered
}

/** What came of a change. erased: secrets have gone, and are to go from the file. */
export type Changed = 'refused' | 'changed' | 'erased'

/** Changes a task and tells of it. */
export function change(rooms: JournalRooms, {id, change, events = []}: TaskUpdate): Changed {
  const before = rooms.tasks.row(id)
  if (!before || (isFinal(before.state) && change.state !== undefined && !isGivenUp(before, change)))
    return 'refused'
  const session = String(before.session)
  if (events.length > 0) tell(rooms, session, events)
  const row = changedRow(before, change)
  const isEnd = isFinal(row.state) && !isFinal(before.state)
  rooms.tasks.write(isEnd ? {...row, told: rooms.sessions.find(session).told - 1} : row)
  if (!isEnd) return 'changed'
  const {hidden} = before
  if (typeof hidden === 'number') rooms.secrets.erase(hidden)
  const isShared = rooms.needs.isNeeded(Number(before.snapshot))
  if (!isShared) rooms.secrets.erase(Number(before.snapshot))
  return hidden === null && isShared ? 'changed' : 'erased'
}

// What has ended and could go on is ended for good, at no other time: with what it could go on from.
function isGivenUp({resumeData}: TaskRow, {state, ended, ...change}: TaskChange): boolean {
  return (
    state === 'cancelled' &&
    ended === undefined &&
    change.resumeData === null &&
    typeof resumeData === 'string'
  )
}

/** Everything up to there was delivered. */
export function acknowledge(rooms: JournalRooms, session: string, seq: number): void {
  const place = rooms.sessions.find(session)
  if (seq <= place.acknowledged) return
  rooms.events.forget(session, seq)
  rooms.sessions.write({...place, acknowledged: seq})
  forgetDelivered(rooms.database)
}

export function invalidate(rooms: JournalRooms, session: string): void {
  rooms.sessions.write({...rooms.sessions.find(session), state: 'invalidating'})
}

export function endInvalidation(rooms: JournalRooms, session: string, events: readonly JournalEvent[]): void {
  const {waiting = 0, running = 0, held = 0} = rooms.tasks.counts().get(session) ?? {}
  if (waiting + running + held > 0)
    throw new TransferError('BUSY', `The session ${session} has unfinished tasks`)
  tell(rooms, session, events)
  rooms.sessions.write({...rooms.sessions.find(session), state: 'valid'})
}

/** The ended tasks of a session by the command that wants to hear of them. */
export function takeBatches(rooms: JournalRooms, session: string): readonly Batch[] {
  const {needs, secrets} = rooms
  return needs.endedBatches(session).map(key => {
    const command = secrets.content(key) as {onComplete: string; environment: Snapshot['environment']}
    const tasks = needs.batch(session, key)
    for (const {submitted} of tasks) {
      const row = rooms.tasks.row(submitted.id)
      if (row) rooms.tasks.write({...row, batch: null})
    }
    if (!needs.batches().includes(key)) secrets.erase(key)
    return {...command, tasks}
  })
}
