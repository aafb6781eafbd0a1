import {discardBody} from '../exchange/discard-body.ts'
import type {Exchange} from '../exchange/exchange.ts'
import type {Answer} from '../exchange/follow.ts'

/** Ends every exchange that is not answered in so many milliseconds. Whoever has to be asked in between may take longer. */
export class ShortWatch {
  readonly #patience: number

  constructor(patience: number) {
    this.#patience = patience
  }

  readonly begin = (exchange: Exchange): void => {
    const end = this.#limit(exchange)
    exchange.head.then(end, end)
  }

  /** Throws the rest of an answer away, in the same time. */
  async discard({exchange}: Answer): Promise<void> {
    const end = this.#limit(exchange)
    await discardBody(exchange).finally(end)
  }

  #limit(exchange: Exchange): () => void {
    const timer = setTimeout(() => exchange.abort(), this.#patience)
    return () => clearTimeout(timer)
  }
}
