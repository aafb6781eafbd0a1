import {randomBytes} from 'node:crypto'
import type {JournalEvent} from '../../../src/control/background/background-task.ts'
import type {Snapshot, StoredRequest, SubmittedTask} from '../../../src/control/background/submission.ts'
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

/** An event of a task, or without one, of its session. */
export function eventOf(event: string, task: string | null = null): JournalEvent {
  return {event, task, time: new Date().toISOString(), facts: {}}
}
