import {TransferError, UploadTask} from '../../engine/index.ts'
import type {SessionDelegate} from '../../engine/index.ts'

/** Bytes of an answer that are kept until its turn comes; what is beyond waits with the server. */
const keptBytes = 1024 * 1024

/** An answer before its turn. */
interface Early {
  readonly pieces: Uint8Array[]
  length: number
  state: 'arriving' | 'ended'
  error: TransferError | undefined
  readonly turn: PromiseWithResolvers<void>
}

/** Hands answers of several tasks on one after another, in the order in which the tasks were made. */
export class InOrder {
  readonly #outlet: SessionDelegate
  /** Those whose turn has not passed; the first one has it. */
  readonly #early = new Map<UploadTask, Early>()
  /** What went wrong with an answer after its task had ended. */
  failure: TransferError | undefined

  /** outlet gets the data and the completion of one task after the other. */
  constructor(outlet: SessionDelegate) {
    this.#outlet = outlet
  }

  readonly delegate: SessionDelegate = {
    didCreateTask: task => {
      if (!(task instanceof UploadTask)) return
      const turn = Promise.withResolvers<void>()
      this.#early.set(task, {pieces: [], length: 0, state: 'arriving', error: undefined, turn})
      if (this.#early.size === 1) turn.resolve()
    },
    didReceiveData: (task, data) => {
      const early = task instanceof UploadTask ? this.#early.get(task) : undefined
      if (!early || this.#early.values().next().value === early)
        return this.#outlet.didReceiveData?.(task, data)
      early.pieces.push(Uint8Array.from(data))
      early.length += data.length
      return early.length > keptBytes ? early.turn.promise : undefined
    },
    didCompleteWithError: (task, error) => {
      const early = task instanceof UploadTask ? this.#early.get(task) : undefined
      if (!early) return
      early.state = 'ended'
      early.error = error
      this.#passTurns()
    }
  }

  #passTurns(): void {
    for (const [task, early] of this.#early) {
      this.#handOn(task, early)
      early.turn.resolve()
      if (early.state === 'arriving') return
      this.#outlet.didCompleteWithError?.(task, early.error)
      this.#early.delete(task)
    }
  }

  // The task may have ended long ago: a failure is told at the end of the run.
  #handOn(task: UploadTask, {pieces}: Early): void {
    for (const piece of pieces.splice(0)) {
      try {
        void this.#outlet.didReceiveData?.(task, piece)
      } catch (error) {
        if (!(error instanceof TransferError)) throw error
        this.failure ??= error
      }
    }
  }
}
