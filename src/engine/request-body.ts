/** Why a body is read from its beginning (urlSession:task:needNewBodyStream:, R36, R43). */
export type NewBodyReason = 'initial' | 'challenge' | 'redirect' | 'retry'

/**
 * What a request carries: a recipe, because it may have to be sent more than once. Every reading begins at its first
 * byte.
 */
export interface RequestBody {
  /** Bytes; undefined = known at its end only, so that it is sent in chunks (RFC 9112, 7.1). */
  readonly length: number | undefined
  /** Why the next reading is wanted. */
  readonly reason: NewBodyReason
  /** The same body, to be read for another reason. */
  again(reason: NewBodyReason): RequestBody
  /** Begins a reading. What cannot be read (again) is told by its first step, with a TransferError. */
  open(): BodyReading
}

/**
 * One reading of a body. Every piece is written to a connection before the next one is asked for, and may be reused
 * then.
 */
export interface BodyReading extends AsyncIterable<Uint8Array> {
  /** Lets go of what it reads from, wherever it is; may be called again. */
  close(): void
}
