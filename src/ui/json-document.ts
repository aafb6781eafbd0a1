import {jsonText} from './json-text.ts'
import type {TaskRecord} from './task-record.ts'

/** The one document that `--json` prints at the end. */
export interface JsonDocument {
  /** Every task did what was asked of it. */
  readonly ok: boolean
  readonly tasks: readonly TaskRecord[]
}

/** The document as text, with a line feed at the end. */
export function formatJsonDocument(tasks: readonly TaskRecord[]): string {
  const document: JsonDocument = {ok: tasks.every(didAsAsked), tasks}
  return `${jsonText(document, 2)}\n`
}

// A task that is still suspended was only to be written down, one that waits only to be handed over.
function didAsAsked({state, error}: TaskRecord): boolean {
  return (state === 'completed' || state === 'suspended' || state === 'waiting') && !error
}
