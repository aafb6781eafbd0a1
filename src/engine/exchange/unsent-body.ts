import type {BodyReading, NewBodyReason, RequestBody} from '../request-body.ts'

/** A reading that was begun: its first piece is here, and was sent to nobody. */
export interface Begun {
  readonly reading: BodyReading
  readonly pieces: AsyncIterator<Uint8Array>
  readonly first: Uint8Array
}

/**
 * A body of which nothing was sent, because the server had its answer before it wanted any: the next request goes on with
 * the reading that was begun. So a stream that can be read only once survives a challenge or a redirection.
 */
export class UnsentBody implements RequestBody {
  readonly length: number | undefined
  readonly reason: NewBodyReason
  readonly #body: RequestBody
  #begun: Begun | undefined

  constructor(body: RequestBody, begun: Begun) {
    this.length = body.length
    this.reason = body.reason
    this.#body = body
    this.#begun = begun
  }

  again(reason: NewBodyReason): RequestBody {
    return this.#begun ? this : this.#body.again(reason)
  }

  open(): BodyReading {
    const begun = this.#begun
    this.#begun = undefined
    return begun ? takenUp(begun) : this.#body.open()
  }

  /** Nobody will send it. */
  close(): void {
    this.#begun?.reading.close()
    this.#begun = undefined
  }
}

function takenUp({reading, pieces, first}: Begun): BodyReading {
  let isFirst = true
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        if (!isFirst) return pieces.next()
        isFirst = false
        return Promise.resolve({done: false, value: first})
      }
    }),
    close: () => reading.close()
  }
}
