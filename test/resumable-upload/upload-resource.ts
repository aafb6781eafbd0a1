import type {OriginRequest} from '../origin/request.ts'
import type {ContentPlace} from './content-place.ts'
import type {Incoming} from './incoming.ts'

/** Bytes of a representation that one request brought: from `first` up to, not including, `end`. */
export interface StoredStretch {
  readonly first: number
  readonly end: number
}

/** The answer of the resource that an upload was for. */
export interface TargetAnswer {
  readonly status: number
  readonly fields?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One upload, from the request that began it to its end. */
export class UploadResource {
  readonly path: string
  /** The request that began it: its method, path and fields are those of the representation. */
  readonly creation: OriginRequest
  /** What each request with content has stored, in the order of arrival. They never overlap. */
  readonly stored: StoredStretch[] = []
  length: number | undefined
  isComplete = false
  /** false: nothing but 404 is left of it. */
  isActive = true
  /** More content came than the length allows. */
  hasOverflown = false
  /** The target's answer, once it was made. */
  finalAnswer: TargetAnswer | undefined
  /** The client has got the target's answer, as far as the server can know. */
  isFinalTold = false
  /** The offset that the client was told, and has not used yet. */
  toldOffset: number | undefined
  /** The client was told the limits. */
  areLimitsTold = false
  /** `performance.now()` at which it is forgotten. */
  expires = Infinity
  #underway: Incoming[] = []
  #offset = 0
  readonly #place: ContentPlace

  constructor(path: string, creation: OriginRequest, place: ContentPlace) {
    this.path = path
    this.creation = creation
    this.#place = place
  }

  get offset(): number {
    return this.#offset
  }

  /** Everything stored so far. */
  get content(): Buffer {
    return this.#place.read()
  }

  /** Requests with content that have not ended. */
  get underway(): readonly Incoming[] {
    this.#underway = this.#underway.filter(({isUnderway, isTerminated}) => isUnderway && !isTerminated)
    return this.#underway
  }

  /** A request with content begins. What the client was told is used up. */
  begin(incoming: Incoming): void {
    this.#underway.push(incoming)
    this.toldOffset = undefined
    this.stored.push({first: this.#offset, end: this.#offset})
  }

  /** Stores what the request at hand has brought, up to the length. */
  store(bytes: Buffer): void {
    const fitting = bytes.subarray(0, (this.length ?? Infinity) - this.#offset)
    if (fitting.length < bytes.length) this.hasOverflown = true
    this.#place.append(fitting)
    this.#offset += fitting.length
    const first = this.stored.pop()?.first ?? 0
    this.stored.push({first, end: this.#offset})
  }

  complete(answer: TargetAnswer): void {
    this.isComplete = true
    this.finalAnswer = answer
    this.#place.finish(this.creation.path)
  }

  forget(): void {
    this.isActive = false
    if (!this.isComplete) this.#place.drop()
  }
}
