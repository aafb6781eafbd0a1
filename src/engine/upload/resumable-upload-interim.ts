import type {Exchange} from '../exchange/exchange.ts'
import {TransferError} from '../transfer-error.ts'
import type {HeaderField} from '../url-request.ts'

/** An interim answer, and the exchange that it came in. */
export interface Interim {
  readonly exchange: Exchange
  readonly headers: readonly HeaderField[]
}

/** What a listener throws where the request has to stop. */
export class StopSending extends Error {}

const uploadResumptionSupported = 104

/**
 * Hears the interim answers of one request, one after the other while its content is being sent. A listener that throws
 * ends the exchange.
 */
export class InterimAnswers {
  /** What a listener threw. */
  failure: unknown
  readonly #listener: (interim: Interim) => Promise<void>
  #done: Promise<void> = Promise.resolve()

  constructor(listener: (interim: Interim) => Promise<void>) {
    this.#listener = listener
  }

  /** Listens to an exchange. */
  readonly watch = (exchange: Exchange): void => {
    exchange.onInformational = (status, headers) => {
      if (status === uploadResumptionSupported) this.#hear({exchange, headers})
    }
  }

  /** Resolves when everything that was heard has been worked off. */
  settled(): Promise<void> {
    return this.#done
  }

  #hear(interim: Interim): void {
    this.#done = this.#done.then(async () => {
      if (this.failure !== undefined) return
      try {
        await this.#listener(interim)
      } catch (error) {
        this.failure = error
        interim.exchange.abort(error instanceof TransferError ? error : undefined)
      }
    })
  }
}
