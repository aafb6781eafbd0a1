import {setImmediate as nextTurn} from 'node:timers/promises'
import type {Answer} from './answer-request.ts'
import {checked} from './request-body.ts'
import {assertInvalidable} from './session-roll.ts'
import type {ControllableSession, SessionRoll} from './session-roll.ts'

export interface SessionAnswering {
  readonly sessions: Pick<SessionRoll, 'named'>
  readonly settled?: () => Promise<void>
}

type SessionVerb = (body: unknown, answering: SessionAnswering) => Promise<Answer>

/** What can be done to the sessions of this process from outside; undefined for anything else. */
export function sessionVerb(path: string): SessionVerb | undefined {
  return Object.hasOwn(verbs, path) ? verbs[path] : undefined
}

const verbs: Readonly<Record<string, SessionVerb>> = {
  '/sessions/flush': (body, answering) => toEach(body, {answering, act: session => session.flush()}),
  '/sessions/reset': (body, answering) => toEach(body, {answering, act: session => session.reset()}),
  '/sessions/invalidate': invalidate
}

async function toEach(
  body: unknown,
  {answering, act}: {answering: SessionAnswering; act: (session: ControllableSession) => Promise<void>}
): Promise<Answer> {
  const {sessionBody} = await import('./schemas.ts')
  const {session} = await checked(sessionBody, body)
  const sessions = answering.sessions.named(session)
  await Promise.all(sessions.map(act))
  return {status: 200, body: countOf(sessions)}
}

async function invalidate(body: unknown, {sessions: roll, settled}: SessionAnswering): Promise<Answer> {
  const {invalidateBody} = await import('./schemas.ts')
  const {session, cancel} = await checked(invalidateBody, body)
  assertInvalidable(session)
  const sessions = roll.named(session)
  const count = countOf(sessions)
  if (cancel) {
    await Promise.all(sessions.map(each => each.invalidateAndCancel()))
    await settled?.()
  } else {
    // The caller does not wait for the end (R59), but for what keeps it from beginning. What was made will be started: it
    // counts as existing.
    await Promise.race([Promise.all(sessions.map(each => each.finishTasksAndInvalidate('keep'))), nextTurn()])
  }
  return {status: 200, body: count}
}

function countOf(sessions: readonly ControllableSession[]): {sessions: number; tasks: number} {
  return {sessions: sessions.length, tasks: sessions.reduce((sum, {tasks}) => sum + tasks.length, 0)}
}
