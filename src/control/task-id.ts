import {TransferError} from '../engine/index.ts'

/** May this be a task's id? Ids become file names, so nothing else is let through. */
export function isTaskId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text)
}

/** Of tasks by their ids, the one whose id begins so; the exact one wins. Undefined when there is none; USAGE when there are several. */
export function matchTask<T>(idOrPrefix: string, tasks: ReadonlyMap<string, T>): T | undefined {
  const exact = tasks.get(idOrPrefix)
  if (exact !== undefined || !isTaskId(idOrPrefix)) return exact
  const matching = [...tasks.keys()].filter(id => id.startsWith(idOrPrefix))
  if (matching.length <= 1) return tasks.get(matching[0] ?? '')
  throw new TransferError('USAGE', `Several tasks begin with "${idOrPrefix}": ${matching.join(', ')}`, {
    hint: 'Give more of the id.'
  })
}

/** The error of every request about a task that nobody knows (exit 116). */
export function taskUnknown(id: string): TransferError {
  return new TransferError('TASK_UNKNOWN', `There is no task ${JSON.stringify(id)}`, {
    hint: 'List the tasks with: ferry tasks --all'
  })
}
