import type {TaskOptions} from '../engine/index.ts'
import {present} from './present.ts'
import {usageError} from './usage-error.ts'

/** The flags that say something about each task of a run. */
export interface TaskFlags {
  readonly label?: string
  readonly priority?: string
  readonly 'no-fail'?: true
  readonly 'fail-with-body'?: true
}

/** Reads --label, --priority, --no-fail and --fail-with-body. Throws USAGE. */
export function taskOptions(flags: TaskFlags): TaskOptions {
  const httpErrors = flags['no-fail'] ? 'deliver' : flags['fail-with-body'] ? 'deliverAndFail' : undefined
  return present({label: flags.label, priority: priorityOf(flags.priority), httpErrors} as const)
}

function priorityOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const priority = Number(text)
  if (/^[\d.]+$/.test(text) && priority >= 0 && priority <= 1) return priority
  throw usageError('--priority needs a number from 0 to 1')
}
