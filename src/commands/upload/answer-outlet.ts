import type {AnswerPlace} from '../../cli/answer-place.ts'
import type {StandardOutput} from '../../cli/standard-output.ts'
import type {SessionDelegate} from '../../engine/index.ts'
import {bodyDelegate} from '../transfer/outlets.ts'
import {AnswerFile} from './answer-file.ts'
import {InOrder} from './in-order.ts'

export interface AnswerOutletOptions {
  readonly place: AnswerPlace
  /** What to do where the folder of a file is missing. */
  readonly folders: 'make' | 'expect'
  /** How many uploads have an answer. */
  readonly count: number
}

/** Takes the bodies of the answers to where they go. */
export class AnswerOutlet {
  readonly #place: AnswerPlace
  readonly #count: number
  readonly #file: AnswerFile | undefined
  #order: InOrder | undefined

  /** Throws WRITE_FAILED for a file that cannot be made: before anything is sent. */
  constructor({place, folders, count}: AnswerOutletOptions) {
    this.#place = place
    this.#count = count
    this.#file = typeof place === 'object' ? new AnswerFile(place.path, folders) : undefined
  }

  delegates(stdout: StandardOutput): readonly SessionDelegate[] {
    if (this.#place === 'nowhere') return []
    const outlet = this.#file?.delegate ?? bodyDelegate(stdout)
    if (this.#count < 2) return [outlet]
    this.#order = new InOrder(outlet)
    return [this.#order.delegate]
  }

  /** All uploads have ended. Throws what went wrong with their answers. */
  finish(): void {
    this.#file?.finish()
    if (this.#order?.failure) throw this.#order.failure
  }
}
