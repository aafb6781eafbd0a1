import type {HeaderField, Task} from '../engine/index.ts'
import {maskHeader} from './mask.ts'
import {printable} from './printable.ts'

/**
 * The header fields of an answer by name, for machines. Repeated ones are joined (RFC 9110, 5.3); before that, secrets
 * are masked field by field, also those that the task has sent and that come back.
 */
export function headerFields(task: Task, headers: readonly HeaderField[]): Readonly<Record<string, string>> {
  const joined = new Map<string, string>()
  for (const [name, value] of headers) {
    const shown = printable(task.withoutSecrets(maskHeader(name, value)))
    const before = joined.get(name)
    joined.set(name, before === undefined ? shown : `${before}, ${shown}`)
  }
  return Object.fromEntries(joined)
}
