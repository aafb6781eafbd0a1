import type {SessionDelegate, TransferError, Waiting} from '../../src/engine/index.ts'
import {watchText} from './canary.ts'

/** Tells a delegate what it is told anyway, and notes secrets in what a program would log of it. */
export function watchedDelegate(own: SessionDelegate): SessionDelegate {
  return {
    ...own,
    taskIsWaiting: (task, waiting) => {
      watchWaiting(waiting)
      own.taskIsWaiting?.(task, waiting)
    },
    taskWillReconnect: (task, waiting) => {
      watchWaiting(waiting)
      own.taskWillReconnect?.(task, waiting)
    },
    didResumeAtOffset: (task, resumption) => {
      watchText(resumption.reason, 'the reason of a resumption')
      own.didResumeAtOffset?.(task, resumption)
    },
    didFinishCollectingMetrics: (task, metrics) => {
      // The addresses are whole; whoever shows them masks them.
      watchText(
        JSON.stringify(metrics, (key, value: unknown) => (key === 'url' ? undefined : value)),
        'metrics'
      )
      own.didFinishCollectingMetrics?.(task, metrics)
    },
    didCompleteWithError: (task, error) => {
      if (error) watchError(error)
      own.didCompleteWithError?.(task, error)
    },
    didBecomeInvalidWithError: (session, error) => {
      if (error) watchError(error)
      own.didBecomeInvalidWithError?.(session, error)
    }
  }
}

function watchWaiting({error}: Waiting): void {
  if (error) watchError(error)
}

/** All that a person reads of an error; its address is masked by whoever shows it. */
function watchError({message, hint = '', body = '', stack = ''}: TransferError): void {
  watchText([message, hint, body, stack].join('\n'), 'an error')
}
