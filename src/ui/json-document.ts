import type {TaskRecord} from './task-record.ts'

/** The one document that `--json` prints at the end. */
export interface JsonDocument {
  /** Every task did what was asked of it. */
  readonly ok: boolean
  readonly tasks: readonly TaskRecord[]
}

/** The document as text, with a line feed at the end. */
export function formatJsonDocument(tasks: readonly TaskRecord[]): string {
  const document: JsonDocument = {ok: tasks.every(task => task.state === 'completed' && !task.error), tasks}
  return `${JSON.stringify(document, undefined, 2)}\n`
}
