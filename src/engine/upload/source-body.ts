import type {BodyReading, NewBodyReason, RequestBody} from '../request-body.ts'
import type {UploadTask} from '../upload-task.ts'
import {CountedReading} from './counted-reading.ts'

/** How a source is read, as often as it has to be. */
export interface Recipe {
  /** Bytes of a reading; undefined = nobody knows before its end. */
  readonly length: number | undefined
  /** Where a reading begins in the source as a whole. */
  readonly first: number
  /** always: the delegate hears of every reading (R43); again: of those after the first. */
  readonly announced: 'always' | 'again'
  /** Is told the bytes of a reading that a connection took; without it the task counts them. */
  readonly sent?: ((bytes: number) => void) | undefined
  /** Pieces in order, none of them empty. */
  read(reason: NewBodyReason): BodyReading
}

/** A source as the body of a request: readings that count, keep to the session's rate, and are announced (R36, R43). */
export function sourceBody(task: UploadTask, recipe: Recipe, reason: NewBodyReason = 'initial'): RequestBody {
  return {
    length: recipe.length,
    reason,
    again: next => sourceBody(task, recipe, next),
    open: () => {
      if (recipe.announced === 'always' || reason !== 'initial')
        task.session.delegate.didNeedNewBody?.(task, reason)
      return new CountedReading(task, {recipe, reason})
    }
  }
}
