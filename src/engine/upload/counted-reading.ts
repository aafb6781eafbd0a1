import type {BodyReading, NewBodyReason} from '../request-body.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import type {Recipe} from './source-body.ts'

/**
 * One reading of a source. A piece counts as sent when the next one is asked for. A reading that is closed before its end
 * fails: it must never look like a body that is whole.
 */
export class CountedReading implements BodyReading {
  readonly #task: UploadTask
  readonly #recipe: Recipe
  readonly #source: BodyReading
  readonly #pieces: AsyncIterator<Uint8Array>
  #sent = 0
  #given = 0
  #state: 'open' | 'ended' | 'closed' = 'open'
  #refuse: ((error: TransferError) => void) | undefined
  #hold: NodeJS.Timeout | undefined

  constructor(task: UploadTask, {recipe, reason}: {recipe: Recipe; reason: NewBodyReason}) {
    this.#task = task
    this.#recipe = recipe
    this.#source = recipe.read(reason)
    this.#pieces = this.#source[Symbol.asyncIterator]()
    task.hasSentBody = false
    this.#count(0)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.close()
        return Promise.resolve({done: true, value: undefined})
      }
    }
  }

  close(): void {
    if (this.#state !== 'open') return
    this.#state = 'closed'
    clearTimeout(this.#hold)
    this.#source.close()
    this.#refuse?.(closedEarly())
  }

  #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#state === 'closed') return Promise.reject(closedEarly())
    this.#count(this.#given)
    this.#given = 0
    if (this.#state === 'ended') return Promise.resolve({done: true, value: undefined})
    return new Promise((resolve, reject) => {
      // A source may keep its next piece for ever; whoever closes the reading is not kept.
      this.#refuse = reject
      this.#step().then(resolve, (error: unknown) => {
        reject(error)
        this.close()
      })
    })
  }

  async #step(): Promise<IteratorResult<Uint8Array, undefined>> {
    const {rateLimiter} = this.#task.session
    const delay = rateLimiter.take(0)
    if (delay >= 1) await new Promise<void>(resolve => (this.#hold = setTimeout(resolve, delay)))
    const step = await this.#pieces.next()
    if (step.done) {
      if (this.#state === 'open') this.#state = 'ended'
      this.#task.hasSentBody = true
      return {done: true, value: undefined}
    }
    this.#given = step.value.length
    rateLimiter.take(this.#given)
    return step
  }

  #count(bytes: number): void {
    this.#sent += bytes
    if (this.#recipe.sent) this.#recipe.sent(this.#sent)
    else this.#task.countOfBytesSent = this.#recipe.first + this.#sent
  }
}

function closedEarly(): TransferError {
  return new TransferError('CANCELLED', 'The body was closed before its end')
}
