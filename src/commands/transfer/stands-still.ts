import type {ListedTask} from '../../control/task-record.ts'

/** Is it a task of the background that goes on only when somebody resumes it: held itself, or with the service that was stopped? */
export function standsStill({state, actions}: ListedTask): boolean {
  const isUnended = state === 'waiting' || state === 'suspended'
  // What is suspended in the foreground is on disk only, and cannot be paused.
  return isUnended && actions.includes('resume') && actions.includes('pause')
}
