import type {TaskChange} from '../../../src/control/background/background-task.ts'
import type {Journal} from '../../../src/control/background/journal.ts'
import {TransferError} from '../../../src/engine/index.ts'

/** A journal whose disk is full for the first changes of a kind. */
export function refusing(
  times: number,
  isRefused: (change: TaskChange) => boolean
): (journal: Journal) => Journal {
  let left = times
  return journal => {
    const change: Journal['change'] = (id, facts, events) => {
      if (isRefused(facts) && left-- > 0) throw new TransferError('NO_SPACE', 'The disk is full')
      return journal.change(id, facts, events)
    }
    return new Proxy(journal, {
      get: (target, name) => {
        if (name === 'change') return change
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      }
    })
  }
}
