import {jsonDocument} from './json-text.ts'
import type {TaskRecord} from './task-record.ts'

/** The one document that `--json` prints at the end. */
export interface JsonDocument {
  /** Every task did what was asked of it. */
  readonly ok: boolean
  readonly tasks: readonly TaskRecord[]
}

/** The document as text, with a line feed at the end. lost: what there is to say of tasks that have no record. */
export function formatJsonDocument(
  tasks: readonly TaskRecord[],
  lost: {readonly errors?: readonly object[]} = {}
): string {
  const document: JsonDocument = {ok: tasks.every(didAsAsked) && lost.errors === undefined, tasks}
  return jsonDocument({...document, ...lost})
}

// A task that is still suspended was only to be written down, one that waits only to be handed over.
function didAsAsked({state, error}: TaskRecord): boolean {
  return (state === 'completed' || state === 'suspended' || state === 'waiting') && !error
}
