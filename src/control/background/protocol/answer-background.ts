import type {Answer, Asked, OpenAnswer} from '../../answer-request.ts'
import {errorBody} from '../../answer-request.ts'
import {checked} from '../../request-body.ts'
import {TransferError} from '../../../engine/index.ts'
import type {AttachDesk} from './attach-desk.ts'
import type {Journal} from '../journal.ts'
import {largestSubmission} from '../largest-submission.ts'
import {standingOf} from '../session-standing.ts'
import type {Submission} from '../submission.ts'
import type {Work} from '../work.ts'

/** What the verbs of background sessions need. */
export interface BackgroundAnswering {
  readonly journal: Pick<Journal, 'sessions' | 'task'>
  readonly work: Pick<Work, 'submit'>
  readonly attachments: AttachDesk
}

/** Bytes that a body may have; undefined where it is not for one of these verbs. */
export function roomForBackground(path: string): number | undefined {
  return path === '/background/tasks' ? largestSubmission : undefined
}

/** The verbs of background sessions; undefined for any other. */
export function answerBackground(
  asked: Asked,
  answering: BackgroundAnswering
): Promise<Answer | OpenAnswer> | undefined {
  const verb = `${asked.method} ${asked.url}`
  return Object.hasOwn(verbs, verb) ? verbs[verb]?.(asked.body, answering) : undefined
}

type Verb = (body: unknown, answering: BackgroundAnswering) => Promise<Answer | OpenAnswer>

const verbs: Readonly<Record<string, Verb>> = {
  'POST /background/tasks': submit,
  'GET /background/sessions': sessions,
  'POST /background/attach': attach,
  'POST /background/ack': acknowledge
}

async function submit(body: unknown, {journal, work}: BackgroundAnswering): Promise<Answer> {
  const {readSubmission} = await import('./read-submission.ts')
  const submission = await readSubmission(body)
  return {
    status: 200,
    body: {ids: isTaken(submission, journal) ? idsOf(submission) : work.submit(submission)}
  }
}

// Whoever lost the answer sends the same once more. All tasks are taken or none, and an id is never used again.
function isTaken({session, tasks}: Submission, journal: Pick<Journal, 'task'>): boolean {
  return tasks.every(({id}) => journal.task(id)?.session === session)
}

function idsOf({tasks}: Submission): readonly string[] {
  return tasks.map(({id}) => id)
}

async function sessions(_body: unknown, {journal, attachments}: BackgroundAnswering): Promise<Answer> {
  const standings = journal
    .sessions()
    .map(session =>
      standingOf(session, {daemon: process.pid, attached: attachments.attached(session.identifier)})
    )
  return {status: 200, body: {sessions: standings}}
}

async function attach(body: unknown, {attachments}: BackgroundAnswering): Promise<Answer | OpenAnswer> {
  const {attachBody} = await import('./background-schemas.ts')
  const facts = await checked(attachBody, body)
  try {
    const stream = attachments.claim(facts)
    return {open: response => stream.open(response), end: () => stream.end()}
  } catch (error) {
    if (error instanceof TransferError && error.code === 'BUSY') return {status: 409, body: errorBody(error)}
    throw error
  }
}

async function acknowledge(body: unknown, {attachments}: BackgroundAnswering): Promise<Answer> {
  const {ackBody} = await import('./background-schemas.ts')
  const {session, token} = await checked(ackBody, body)
  return {status: 200, body: {acknowledged: attachments.acknowledge(session, token)}}
}
