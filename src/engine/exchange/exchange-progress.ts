import type {TransferError} from '../transfer-error.ts'
import type {Watched} from './deadlines.ts'
import type {Exchange} from './exchange.ts'

/** Is the request's body on its way, and no answer here? */
export function isSending({phase, outgoing}: Exchange): boolean {
  return phase === 'awaitingHead' && outgoing !== undefined && outgoing.state !== 'whole'
}

/** An exchange as its deadlines see it: bytes count in either direction. */
export class ExchangeProgress implements Watched {
  readonly #exchange: Exchange
  readonly #isAnswerHeld: () => boolean

  constructor(exchange: Exchange, isAnswerHeld: () => boolean) {
    this.#exchange = exchange
    this.#isAnswerHeld = isAnswerHeld
  }

  progress(): number {
    const {phase, connection, bodyBytes} = this.#exchange
    // The head has to be whole in time, however its bytes drip.
    const received = phase === 'receiving' ? (connection?.bytesRead ?? bodyBytes) : 0
    return received + this.#taken()
  }

  isHeld(): boolean {
    const {phase, outgoing} = this.#exchange
    const isBodyHeld = outgoing !== undefined && (outgoing.isWaiting || outgoing.isHeldBack)
    return isBodyHeld || phase === 'connecting' || this.#isAnswerHeld()
  }

  bytes(): number {
    return this.#exchange.bodyBytes + this.#taken()
  }

  direction(): 'sending' | 'receiving' {
    return isSending(this.#exchange) ? 'sending' : 'receiving'
  }

  expire(error: TransferError): void {
    this.#exchange.abort(error)
  }

  /** Bytes of the request's body that the system has taken, to the byte where that can be known. */
  #taken(): number {
    const {outgoing, connection} = this.#exchange
    return outgoing ? outgoing.handed - (connection?.unwritten ?? 0) : 0
  }
}
