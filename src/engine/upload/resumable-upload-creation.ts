import {discardBody} from '../exchange/discard-body.ts'
import type {Exchange} from '../exchange/exchange.ts'
import type {Answer} from '../exchange/follow.ts'
import {httpFailure} from '../exchange/http-failure.ts'
import {LastFailure} from '../exchange/persist.ts'
import {TransferError} from '../transfer-error.ts'
import type {HeaderField} from '../url-request.ts'
import {contradiction, Hopeless} from './resumable-upload-conversation.ts'
import type {Conversation} from './resumable-upload-conversation.ts'
import {stateIn} from './resumable-upload-dialect.ts'
import type {Interim} from './resumable-upload-interim.ts'
import {isStrangersWord, uploadResource} from './resumable-upload-location.ts'
import type {Piece} from './resumable-upload-piece.ts'
import {creationRequest} from './resumable-upload-request.ts'
import {judge} from './resumable-upload-verdict.ts'
import type {UploadStep, UploadWalk} from './upload-protocol.ts'

/** How the request that begins an upload is made. */
export interface Beginning {
  readonly piece: Piece
  /** again: what is sent was sent before, in vain. */
  readonly turn: 'first' | 'again'
}

/** ignored: the server took an empty request for the whole, because it knows nothing of such uploads. */
export type CreationStep = UploadStep | {readonly kind: 'ignored'; readonly answer: Answer}

/** The request that begins an upload, and what comes of it. */
export class Creation {
  readonly #walk: UploadWalk
  readonly #conversation: Conversation
  readonly #piece: Piece
  readonly #turn: Beginning['turn']
  #named: {readonly url: URL; readonly exchange: Exchange} | undefined
  /** Named for a request that was then redirected, or challenged. */
  readonly #orphans: URL[] = []

  constructor(walk: UploadWalk, conversation: Conversation, {piece, turn}: Beginning) {
    this.#walk = walk
    this.#conversation = conversation
    this.#piece = piece
    this.#turn = turn
  }

  /** Sends it. Rejects with a TransferError, or with Hopeless. */
  async perform(): Promise<CreationStep> {
    const {task, source} = this.#walk
    const {first, length} = this.#piece
    const body = source.body({first, length})
    const request = creationRequest(task, this.#conversation.dialect, {
      piece: this.#piece,
      size: source.size,
      body: this.#turn === 'again' ? body.again('retry') : body
    })
    const hear = this.#conversation.hear(this.#walk, this.#piece)
    try {
      const listener = async (interim: Interim): Promise<void> => {
        await this.#name(interim.exchange, interim.headers)
        hear(interim)
      }
      const answer = await this.#conversation.send(request, {piece: this.#piece, place: 'target', listener})
      return answer === 'stopped' ? this.#askFirst() : await this.#consider(answer)
    } finally {
      for (const url of this.#orphans) await this.#conversation.forget(url)
    }
  }

  async #consider(answer: Answer): Promise<CreationStep> {
    try {
      return await this.#stepAfter(answer)
    } catch (error) {
      answer.exchange.abort()
      throw error
    }
  }

  async #stepAfter(answer: Answer): Promise<CreationStep> {
    const {status, headers} = answer.response
    const {dialect} = this.#conversation
    const state = stateIn(dialect, headers)
    const verdict = judge({status, state, sent: this.#piece, request: 'creation', dialect})
    switch (verdict.kind) {
      case 'final':
        return {kind: 'answered', answer}
      case 'advanced':
        return this.#advance(answer, verdict.offset)
      case 'contradictory':
        throw contradiction('What the server says that it has is not what it was sent')
      case 'tooLarge':
        this.#conversation.learn(this.#walk, headers)
        if (this.#conversation.takes(this.#piece)) return {kind: 'answered', answer}
        await discardBody(answer.exchange)
        return this.#askFirst()
      default:
        if (this.#named && mayPass(status)) throw await httpFailure(this.#walk.task, answer)
        return {kind: 'answered', answer}
    }
  }

  async #advance(answer: Answer, offset: number): Promise<CreationStep> {
    const {exchange, response} = answer
    // The Location of a server that says nothing of uploads is that of what it has made: of nothing, or of a part.
    if (this.#hasSpoken(answer)) await this.#name(exchange, response.headers)
    if (!this.#named) return this.#withoutResource(answer)
    this.#conversation.learn(this.#walk, response.headers)
    this.#conversation.acknowledge(this.#walk, offset)
    await discardBody(exchange)
    this.#walk.offset = offset
    return {kind: 'more'}
  }

  /** What the server has is for it to say: more than one request may have brought something. */
  #askFirst(): UploadStep {
    this.#walk.offset = undefined
    return {kind: 'more'}
  }

  #withoutResource(answer: Answer): CreationStep {
    if (!this.#hasSpoken(answer) && this.#piece.length === 0) return {kind: 'ignored', answer}
    throw new LastFailure(
      new TransferError(
        'NOT_RESUMABLE',
        'The server took a part of the file, but not as the part of an upload',
        {
          url: answer.response.url,
          hint: 'What it has now may be cut off. Send the file again with --resumable none.'
        }
      )
    )
  }

  #hasSpoken({response}: Answer): boolean {
    const {isComplete, offset} = stateIn(this.#conversation.dialect, response.headers)
    return isComplete !== undefined || offset !== undefined
  }

  /** Writes down the upload resource that an answer names, before anything else happens (U2). */
  async #name(exchange: Exchange, headers: readonly HeaderField[]): Promise<void> {
    const {task, source} = this.#walk
    const {url: asked} = exchange.request
    const url = uploadResource(headers, {asked, rules: task.keys.redirects})
    if (!url || url.href === this.#named?.url.href) return
    if (await isStrangersWord(task, {asked, url})) return
    if (this.#named?.exchange === exchange)
      throw new Hopeless('REPLY_MALFORMED', 'The server names two places for one upload')
    if (this.#named) this.#orphans.push(this.#named.url)
    this.#named = {url, exchange}
    await this.#walk.remember([{url: url.href, first: 0, length: source.size}])
  }
}

// Who has named an upload resource can be asked how far it came, once this is over.
function mayPass(status: number): boolean {
  return status >= 500 || [408, 425, 429].includes(status)
}
