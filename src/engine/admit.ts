import type {Session} from './session.ts'
import type {TaskKind, TaskOptions} from './task.ts'
import {makeTaskId, taskIdForm} from './task-id.ts'
import {TransferError} from './transfer-error.ts'
import type {UploadSource} from './upload-task.ts'

/** A task that somebody wants to make in a session. */
export interface Candidate {
  readonly kind: TaskKind
  readonly options: TaskOptions
  readonly source?: UploadSource
}

/**
 * The id that a new task gets: its own, where it goes on as an earlier one. Throws CONFIGURATION_REFUSED for what the kind
 * of session cannot do, USAGE for an id that is none or that another task of the session has.
 */
export function admit(session: Session, {kind, options, source}: Candidate): string {
  if (session.configuration.kind === 'background') assertBackground(kind, source)
  const {id, spent = 0} = options
  if (!(Number.isFinite(spent) && spent >= 0))
    throw new TransferError('USAGE', 'The time that a task has used up must be 0 or more milliseconds')
  if (id === undefined) return makeTaskId()
  if (!taskIdForm.test(id))
    throw new TransferError('USAGE', `${JSON.stringify(id.slice(0, 64))} is no id of a task`)
  if (session.tasks.some(task => task.id === id))
    throw new TransferError('USAGE', `The session has a task ${id} already`)
  return id
}

function assertBackground(kind: TaskKind, source: UploadSource | undefined): void {
  if (kind === 'data') {
    throw new TransferError('CONFIGURATION_REFUSED', 'A background session has no data tasks', {
      hint: 'Download into a file, or use another session.'
    })
  }
  if (kind === 'upload' && source?.kind !== 'file') throw onlyFiles()
}

/** What goes on without anybody cannot ask for content again: a background session uploads files, and no pipe (B8). */
export function onlyFiles(): TransferError {
  return new TransferError('CONFIGURATION_REFUSED', 'A background session uploads nothing but files', {
    hint: 'Put what is to be sent into a file, or use another session.'
  })
}
