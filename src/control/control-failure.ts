import {TransferError} from '../engine/index.ts'
import type {TransferErrorCode} from '../engine/index.ts'
import type {ListedTask} from './task-record.ts'

/** An error that came from another process. */
export function asTransferError(error: {
  code: TransferErrorCode
  message: string
  hint?: string | undefined
}): TransferError {
  return new TransferError(error.code, error.message, error.hint === undefined ? {} : {hint: error.hint})
}

const underWay: ReadonlySet<string> = new Set(['running', 'waiting'])

/** Why a task that no process offers to pause cannot be paused. */
export function whyNotPaused(listed: ListedTask): TransferError {
  if (listed.pid !== null) return silence(listed.pid)
  if (underWay.has(listed.state)) return elsewhere(listed.id)
  return new TransferError(
    'NOT_RESUMABLE',
    listed.state === 'suspended'
      ? `Task ${listed.id} was never started`
      : `Task ${listed.id} has ended: it is ${listed.state}`,
    {hint: nextStep(listed)}
  )
}

/** Why a task that no command runs is not handed over to the background service. */
export function whyNotHandedOver(listed: ListedTask, keeper: 'command' | 'daemon'): TransferError {
  const {id, state, actions} = listed
  if (keeper === 'daemon')
    return new TransferError('NOT_RESUMABLE', `Task ${id} is in the background already: it is ${state}`, {
      hint: underWay.has(state) ? `Wait for it with: ferry wait ${id}` : nextStep(listed)
    })
  if (!actions.includes('resume')) return whyNotPaused(listed)
  return new TransferError('NOT_RESUMABLE', `Task ${id} does not run: it is ${state}`, {
    hint: `Let it go on in the background with: ferry resume --background ${id}`
  })
}

function nextStep({id, kind, state, actions}: ListedTask): string {
  if (actions.includes('resume')) return `Continue it with: ferry resume ${id}`
  if (state === 'completed') return 'There is nothing left to do for it.'
  if (state === 'paused') return 'If it was resumed before, ferry tasks --all lists what it went on as.'
  return `Start it anew with: ferry ${kind === 'upload' ? 'upload' : 'get'}`
}

/** The error for a process that is there and does not answer. */
export function silence(pid: number): TransferError {
  return new TransferError('BUSY', `Process ${pid}, which runs the task, does not answer`, {
    hint: `Look at it with: ps -p ${pid}. If it is stopped, continue it with: kill -CONT ${pid}`
  })
}

/** The error for a process that went away while it was asked; what it has done by then stays done. */
export function departure(pid: number, keeper: 'command' | 'daemon'): TransferError {
  return keeper === 'daemon'
    ? new TransferError('DAEMON_UNREACHABLE', 'The background service ended before it answered', {
        hint: 'Run the same command again: nothing is done twice.'
      })
    : new TransferError('BUSY', `Process ${pid}, which ran the task, ended before it answered`, {
        hint: 'See what became of the task with: ferry tasks --all'
      })
}

/** The error for a task whose process cannot be seen from here. */
export function elsewhere(id: string): TransferError {
  return new TransferError('BUSY', `Task ${id} runs on another machine or in another container, or did`, {
    hint: 'Stop it there; or, if nothing runs there any more, continue it with: ferry resume'
  })
}

/** The error for waiting on a task that nobody has started. */
export function neverStarted(id: string): TransferError {
  return new TransferError('NOT_RESUMABLE', `Task ${id} was written down and never started under this id`, {
    hint: `Start it with: ferry resume ${id}`
  })
}
