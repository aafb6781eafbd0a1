import type {ConfigurationKeys, InteropVersion} from '../configuration-keys.ts'
import {discardBody} from '../exchange/discard-body.ts'
import {follow} from '../exchange/follow.ts'
import type {Answer} from '../exchange/follow.ts'
import {httpFailure} from '../exchange/http-failure.ts'
import {LastFailure} from '../exchange/persist.ts'
import type {UploadLimit} from '../fields/upload-limit.ts'
import {parseUploadLength} from '../fields/upload-length.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import {headerValue} from '../url-request.ts'
import {contradiction, Conversation, Hopeless} from './resumable-upload-conversation.ts'
import {Creation} from './resumable-upload-creation.ts'
import {dialectOf, stateIn} from './resumable-upload-dialect.ts'
import type {Piece} from './resumable-upload-piece.ts'
import {appendRequest, resourceRequest} from './resumable-upload-request.ts'
import {judge} from './resumable-upload-verdict.ts'
import {keepingRedirectionsSecret} from './secret-segments.ts'
import type {UploadProtocol, UploadStep, UploadWalk} from './upload-protocol.ts'

/** How the draft is spoken; what is left out is as the session has it. */
export interface IetfOptions {
  readonly interopVersion?: InteropVersion
  readonly mode?: ConfigurationKeys['uploads']['mode']
  /** What the server is known to allow, where it was asked before. */
  readonly limit?: UploadLimit | undefined
}

/** Resumable uploads as draft-ietf-httpbis-resumable-upload has them (U1 to U9). */
export function ietfProtocol(task: UploadTask, options: IetfOptions = {}): UploadProtocol {
  return new ResumableUpload(task, options)
}

class ResumableUpload implements UploadProtocol {
  readonly name = 'ietf'
  readonly interopVersion: InteropVersion
  readonly #conversation: Conversation
  #mode: ConfigurationKeys['uploads']['mode']
  #hasSent = false

  constructor(task: UploadTask, {interopVersion, mode, limit = {}}: IetfOptions) {
    const {uploads} = task.keys
    this.interopVersion = interopVersion ?? uploads.interopVersion
    this.#mode = mode ?? uploads.mode
    this.#conversation = new Conversation(task, {dialect: dialectOf(this.interopVersion), limit})
  }

  create(walk: UploadWalk): Promise<UploadStep> {
    return this.#unlessHopeless(walk, async () => {
      this.#conversation.begin()
      this.#conversation.assertFits(walk)
      const piece = this.#firstPiece(walk)
      const turn = this.#hasSent ? 'again' : 'first'
      this.#hasSent ||= piece.length > 0
      const step = await new Creation(walk, this.#conversation, {piece, turn}).perform()
      return step.kind === 'ignored' ? this.#withoutProtocol(step.answer) : step
    })
  }

  proceed(walk: UploadWalk): Promise<UploadStep> {
    return this.#unlessHopeless(walk, async () => {
      const [part] = walk.parts
      const {expires} = walk
      if (!part) throw new TransferError('NOT_RESUMABLE', 'No upload resource is known')
      if (expires !== undefined && expires <= Date.now()) {
        const until = new Date(expires).toISOString()
        return {kind: 'gone', reason: `The server kept the upload until ${until} only`}
      }
      const url = new URL(part.url)
      return (walk.offset === undefined && (await this.#ask(walk, url))) || this.#append(walk, url)
    })
  }

  async cancel({parts}: UploadWalk): Promise<void> {
    for (const {url} of parts) await this.#conversation.forget(new URL(url))
  }

  async #unlessHopeless(walk: UploadWalk, work: () => Promise<UploadStep>): Promise<UploadStep> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof Hopeless && walk.parts.length > 0) {
        await this.cancel(walk)
        await walk.remember([])
      }
      throw error
    }
  }

  #firstPiece(walk: UploadWalk): Piece {
    const {size} = walk.source
    const whole: Piece = {first: 0, length: size, isLast: true}
    if (size === 0 || this.#conversation.isTooSmall(walk)) return whole
    if (this.#mode === 'careful') return {first: 0, length: 0, isLast: false}
    return this.#conversation.pieceAt(0, walk)
  }

  // An empty PUT is replaced by the whole one; what an empty POST has done stays done.
  async #withoutProtocol(answer: Answer): Promise<UploadStep> {
    const {exchange, response} = answer
    await discardBody(exchange)
    this.#mode = 'optimistic'
    if (exchange.request.method === 'PUT') return {kind: 'more'}
    throw new LastFailure(
      new TransferError('NOT_RESUMABLE', 'The server knows nothing of resumable uploads', {
        url: response.url,
        method: exchange.request.method,
        hint: 'It has got an empty request. Send the file with --upload-mode optimistic, or --resumable none.'
      })
    )
  }

  /** Asks how far the server is (U4). Undefined: there is something to send. */
  async #ask(walk: UploadWalk, url: URL): Promise<UploadStep | undefined> {
    const conversation = this.#conversation
    const {task, source} = walk
    const answer = await follow(
      task,
      await resourceRequest(task, conversation.dialect, {url, method: 'HEAD'}),
      keepingRedirectionsSecret(task)
    )
    const {status, headers} = answer.response
    if (status === 404 || status === 410) return this.#gone(answer)
    if (status < 200 || status > 299) throw await httpFailure(task, answer)
    await discardBody(answer.exchange)
    // It is not the answer to the upload.
    task.response = undefined
    const length = parseUploadLength(headerValue(headers, 'upload-length') ?? '')
    if (length !== undefined && length !== source.size) {
      throw new Hopeless(
        'NOT_RESUMABLE',
        `The server expects ${length} bytes, and the file has ${source.size}`
      )
    }
    const {isComplete, offset = isComplete ? source.size : undefined} = conversation.learn(walk, headers)
    // Whoever answers here now has never heard of the upload.
    if (offset === undefined) return this.#gone(answer)
    conversation.acknowledge(walk, offset)
    walk.offset = offset
    if (!isComplete) return undefined
    if (offset === source.size) return {kind: 'answered', answer: undefined}
    throw contradiction(`The server has ended the upload after ${offset} bytes`)
  }

  async #append(walk: UploadWalk, url: URL): Promise<UploadStep> {
    const conversation = this.#conversation
    const {task, source} = walk
    const piece = conversation.pieceAt(walk.offset ?? 0, walk)
    const content = {piece, size: source.size, body: source.body({first: piece.first, length: piece.length})}
    const request = await appendRequest(task, conversation.dialect, {url, content})
    const answer = await conversation.send(request, {
      piece,
      place: 'resource',
      listener: conversation.hear(walk, piece)
    })
    if (answer === 'stopped') return this.#askFirst(walk)
    try {
      return await this.#stepAfter(walk, {answer, piece})
    } catch (error) {
      answer.exchange.abort()
      throw error
    }
  }

  async #stepAfter(walk: UploadWalk, {answer, piece}: {answer: Answer; piece: Piece}): Promise<UploadStep> {
    const conversation = this.#conversation
    const {status, headers} = answer.response
    const {dialect} = conversation
    const verdict = judge({
      status,
      state: stateIn(dialect, headers),
      sent: piece,
      request: 'append',
      dialect
    })
    switch (verdict.kind) {
      case 'final':
      case 'answered':
        return {kind: 'answered', answer}
      case 'gone':
        return this.#gone(answer)
      case 'contradictory':
        throw contradiction('What the server says that it has is not what it was sent')
      case 'advanced':
        conversation.learn(walk, headers)
        if (verdict.offset < piece.first) throw contradiction('The server has lost what it had')
        conversation.acknowledge(walk, verdict.offset)
        walk.offset = verdict.offset
        await discardBody(answer.exchange)
        return {kind: 'more'}
      default:
        conversation.learn(walk, headers)
        if (verdict.kind === 'refused' || conversation.takes(piece))
          throw await httpFailure(walk.task, answer)
        await discardBody(answer.exchange)
        return this.#askFirst(walk)
    }
  }

  #askFirst(walk: UploadWalk): UploadStep {
    walk.offset = undefined
    return {kind: 'more'}
  }

  async #gone({exchange, response}: Answer): Promise<UploadStep> {
    await discardBody(exchange)
    return {kind: 'gone', reason: `The server does not know the upload any more (${response.status})`}
  }
}
