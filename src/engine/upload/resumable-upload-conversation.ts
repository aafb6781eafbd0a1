import {follow} from '../exchange/follow.ts'
import type {Answer} from '../exchange/follow.ts'
import type {Exchange} from '../exchange/exchange.ts'
import {LastFailure} from '../exchange/persist.ts'
import type {UploadLimit} from '../fields/upload-limit.ts'
import {TransferError} from '../transfer-error.ts'
import type {TransferErrorCode} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import type {HeaderField, URLRequest} from '../url-request.ts'
import {largerThanTaken} from './larger-than-taken.ts'
import {notBelieved} from './not-believed.ts'
import {patienceWithServer} from './patience-with-server.ts'
import {isSpokenIn, stateIn} from './resumable-upload-dialect.ts'
import type {Dialect, UploadState} from './resumable-upload-dialect.ts'
import {InterimAnswers, StopSending} from './resumable-upload-interim.ts'
import type {Interim} from './resumable-upload-interim.ts'
import {pieceAt} from './resumable-upload-piece.ts'
import type {Piece} from './resumable-upload-piece.ts'
import {resourceRequest} from './resumable-upload-request.ts'
import {keepingRedirectionsSecret} from './secret-segments.ts'
import {ShortWatch} from './short-watch.ts'
import type {UploadWalk} from './upload-protocol.ts'

/** Why an upload cannot go on at all: the server is told to forget it. */
export class Hopeless extends LastFailure {
  constructor(code: TransferErrorCode, message: string, hint?: string) {
    super(new TransferError(code, message, hint === undefined ? {} : {hint}))
  }
}

/** The server says of an upload what cannot be, whether it is asked or answers content: nothing that it says counts any more. */
export function contradiction(message: string): Hopeless {
  return new Hopeless('NOT_RESUMABLE', message, notBelieved)
}

/** What goes with content that is sent. */
interface Sent {
  readonly piece: Piece
  /** Is it asked for at the user's own address, or an addition to what the server has at one of its own? */
  readonly place: 'target' | 'resource'
  readonly listener: (interim: Interim) => Promise<void> | void
}

/** What one upload and the server have said to each other so far. */
export class Conversation {
  readonly task: UploadTask
  readonly dialect: Dialect
  #limit: UploadLimit
  #acknowledged = 0
  /** Where what was sent ends; undefined: an earlier run may have sent more. */
  #sentUpTo: (() => number) | undefined

  constructor(task: UploadTask, {dialect, limit}: {dialect: Dialect; limit: UploadLimit}) {
    this.task = task
    this.dialect = dialect
    this.#limit = limit
  }

  /** Another upload resource begins. */
  begin(): void {
    this.#acknowledged = 0
    this.#sentUpTo = () => 0
  }

  /** Does a server that says this much about itself keep a file of this size at all? */
  isTooSmall({source}: UploadWalk): boolean {
    return source.size < (this.#limit.minSize ?? 0)
  }

  /** May one request carry so many bytes? */
  takes({length}: Piece): boolean {
    return length <= (this.#limit.maxAppendSize ?? length)
  }

  /** What the next request carries. */
  pieceAt(offset: number, {source: {size}}: UploadWalk): Piece {
    const piece = pieceAt(offset, {size, limit: this.#limit})
    if (piece) return piece
    throw new Hopeless('NOT_RESUMABLE', 'The limits of the server leave no size for a part of the file')
  }

  /** What an answer says about the upload. Throws Hopeless where it forbids an upload of this size (U3). */
  learn(walk: UploadWalk, headers: readonly HeaderField[]): UploadState {
    const state = stateIn(this.dialect, headers)
    this.#limit = {...this.#limit, ...state.limit}
    if (state.limit.maxAge !== undefined) walk.expires = Date.now() + state.limit.maxAge * 1000
    this.assertFits(walk)
    return state
  }

  /** Throws Hopeless where the server is known to take nothing as large as the source. */
  assertFits({source: {size}}: UploadWalk): void {
    const {maxSize = size} = this.#limit
    if (size <= maxSize) return
    throw new Hopeless(
      'FILE_TOO_LARGE',
      `The server takes at most ${maxSize} bytes, and the file has ${size}`,
      largerThanTaken
    )
  }

  /** The server has so many bytes. Throws Hopeless where that cannot be. */
  acknowledge(walk: UploadWalk, offset: number): void {
    const {size} = walk.source
    if (offset > size) throw contradiction(`The server has ${offset} bytes of a file that has ${size}`)
    const sent = this.#sentUpTo?.() ?? size
    if (offset > sent) {
      throw contradiction(
        `The server says that it has ${offset} bytes of an upload of which ${sent} were sent`
      )
    }
    if (offset < this.#acknowledged) {
      const lost = `${offset} bytes of the upload after it had ${this.#acknowledged}`
      throw contradiction(`The server has ${lost}, so it has lost some`)
    }
    this.#acknowledged = offset
    walk.acknowledge(offset)
  }

  /** Listens to a request with content: what a 104 of another version says is not for us (U2). */
  hear(walk: UploadWalk, piece: Piece): (interim: Interim) => void {
    return ({headers}) => {
      const {offset} = this.learn(walk, headers)
      if (offset !== undefined && walk.parts.length > 0) this.acknowledge(walk, offset)
      if (!this.takes(piece)) throw new StopSending()
    }
  }

  /** Sends content. stopped: a listener wants no more of it to be sent; nothing of it is under way then. */
  async send(request: URLRequest, {piece, place, listener}: Sent): Promise<Answer | 'stopped'> {
    const interim = new InterimAnswers(async heard => {
      if (isSpokenIn(this.dialect, heard.headers)) await listener(heard)
    })
    const watch = (exchange: Exchange): void => {
      this.#count(exchange, piece)
      interim.watch(exchange)
    }
    const sending = place === 'resource' ? keepingRedirectionsSecret(this.task, {watch}) : {watch}
    const answer = await follow(this.task, request, sending).catch((error: unknown) => error)
    await interim.settled()
    if (interim.failure instanceof StopSending) return 'stopped'
    if (interim.failure !== undefined) throw interim.failure
    if (isAnswer(answer)) return answer
    throw answer
  }

  #count(exchange: Exchange, {first}: Piece): void {
    const before = this.#sentUpTo?.()
    if (before === undefined) return
    this.#sentUpTo = () => Math.max(before, first + (exchange.outgoing?.handed ?? 0))
  }

  /** Tells the server to forget an upload. Never rejects. */
  async forget(url: URL): Promise<void> {
    const {task} = this
    const {currentRequest, response} = task
    const watch = new ShortWatch(patienceWithServer)
    try {
      const request = await resourceRequest(task, this.dialect, {url, method: 'DELETE'})
      const sending = keepingRedirectionsSecret(task, {watch: watch.begin, afterStop: 'send'})
      await watch.discard(await follow(task, request, sending))
    } catch {
      // The server forgets it by itself one day.
    } finally {
      // What came of the task is not what came of tidying up.
      task.currentRequest = currentRequest
      task.response = response
    }
  }
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'exchange' in value && 'response' in value
}
