import {randomBytes} from 'node:crypto'
import type {JournalEvent} from '../../../src/control/background/background-task.ts'
import type {
  Snapshot,
  StoredRequest,
  Submission,
  SubmittedTask
} from '../../../src/control/background/submission.ts'
import type {Journal} from '../../../src/control/background/journal.ts'
import type {TaskRecord} from '../../../src/control/task-record.ts'
import {SessionConfiguration} from '../../../src/engine/index.ts'

export const snapshot: Snapshot = {
  keys: SessionConfiguration.default().keys,
  onComplete: null,
  environment: {}
}

export interface TaskFacts extends Partial<Omit<SubmittedTask, 'work'>> {
  readonly request?: Partial<StoredRequest>
}

/** A download that nobody will run. */
export function downloadTask({request, ...facts}: TaskFacts = {}): SubmittedTask {
  return {
    id: `t${randomBytes(8).toString('hex')}`,
    label: null,
    priority: 0.5,
    earliestBegin: null,
    work: {
      kind: 'download',
      request: {url: 'http://127.0.0.1/file', method: 'GET', headers: [], ...request},
      options: {directory: '/tmp', fileName: 'file'}
    },
    ...facts
  }
}

/** Hands tasks over that nobody has worded yet. */
export function submitTo(
  journal: Pick<Journal, 'submit'>,
  submission: Submission,
  events: readonly JournalEvent[] = []
): void {
  journal.submit(submission, {
    records: submission.tasks.map(({id}) => recordOf(id, submission.session)),
    events
  })
}

function recordOf(id: string, session: string): TaskRecord {
  return {
    ...{id, session, kind: 'download', url: 'http://127.0.0.1/file', finalUrl: 'http://127.0.0.1/file'},
    ...{state: 'waiting', status: null, path: '/tmp/file', bytes: 0, total: null, resumedFrom: null},
    ...{restarted: false, checksum: null, durationMs: null, error: null, resumeData: null}
  }
}

/** An event of a task, or without one, of its session. */
export function eventOf(event: string, task: string | null = null): JournalEvent {
  return {event, task, time: new Date().toISOString(), facts: {}}
}
