import type {Exchange} from '../exchange/exchange.ts'
import type {Answer} from '../exchange/follow.ts'
import {deliversErrors} from '../exchange/http-failure.ts'
import {waitAfter} from '../exchange/persist.ts'
import {formatUploadOffset, parseUploadOffset} from '../fields/upload-offset.ts'
import {parseUploadLength} from '../fields/upload-length.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadPart} from '../upload-resume-data.ts'
import {headerValue} from '../url-request.ts'
import type {HeaderField, URLResponse} from '../url-request.ts'
import {notBelieved} from './not-believed.ts'
import {checkedLength, checksumAlgorithm, checksumField} from './tus-checksum.ts'
import type {TusUpload} from './tus-upload.ts'
import {askTus, expiryOf, passOver, tusFailure} from './tus-request.ts'
import {forgetResource} from './tus-termination.ts'

/**
 * whole: the server has everything; the answer that says so, if it was one to content, still waits. refused: its last word,
 * for a task that takes errors as answers.
 */
export type ResourceStep =
  | {readonly kind: 'more'}
  | {readonly kind: 'whole'; readonly answer: Answer | undefined}
  | {readonly kind: 'refused'; readonly answer: Answer}
  | {readonly kind: 'gone'; readonly reason: string}

type Outcome = ResourceStep | {readonly kind: 'again'}

// A connection that died without a word holds its lock until the server notices: about a minute.
const lockDelays = [500, 1000, 2000, 4000, ...Array.from({length: 10}, () => 5000)]
const mostMismatches = 2

/** One upload resource, and the stretch of the source that it takes. Never more than one request at a time. */
export class TusResource {
  readonly part: UploadPart
  /** Bytes of the stretch that the server has; undefined: it has to be asked. */
  offset: number | undefined
  /** What the server has said last; undefined: nothing yet. */
  acknowledged: number | undefined
  /** Bytes of the stretch that a connection has taken, or that were there. */
  sent = 0
  /** Milliseconds since the epoch. */
  expires: number | undefined
  readonly #upload: TusUpload
  readonly #url: URL
  #exchange: Exchange | undefined
  #isHalted = false
  #mismatches = 0
  #locked = 0

  constructor(upload: TusUpload, part: UploadPart) {
    this.#upload = upload
    this.part = part
    this.#url = new URL(part.url)
  }

  /** Asks for the offset where it is unknown, then sends what one request may carry. Rejects with a TransferError. */
  async step(): Promise<ResourceStep> {
    for (;;) {
      const outcome = this.offset === undefined ? await this.#ask() : await this.#append(this.offset)
      if (outcome.kind !== 'again') return outcome
    }
  }

  /** Ends the request that is under way; no other follows. */
  halt(): void {
    this.#isHalted = true
    this.#exchange?.abort()
  }

  async #ask(): Promise<Outcome> {
    const {task} = this.#upload
    if (this.expires !== undefined && this.expires <= Date.now())
      return {kind: 'gone', reason: 'The upload has expired on the server'}
    const answer = await askTus(task, {method: 'HEAD', url: this.#url}, this.#watched())
    const {response} = answer
    const {status, headers} = response
    const offset = parseUploadOffset(headerValue(headers, 'upload-offset') ?? '')
    if (status === 423) return this.#waitForLock(answer)
    if (isUnknown(status) && offset === undefined) return this.#lose(answer)
    if (status >= 400) throw await tusFailure(task, answer)
    await passOver(task, answer)
    const length = parseUploadLength(headerValue(headers, 'upload-length') ?? '')
    if (offset === undefined) throw malformed(response, 'does not say how much of the upload it has')
    if (length !== undefined && length !== this.part.length)
      return {kind: 'gone', reason: 'The server keeps an upload of another length under this address'}
    await this.#assertSent(offset, response)
    this.#learn(offset, response)
    return offset === this.part.length ? {kind: 'whole', answer: undefined} : {kind: 'again'}
  }

  async #append(offset: number): Promise<Outcome> {
    if (offset === this.part.length) return {kind: 'whole', answer: undefined}
    const {task, source} = this.#upload
    const piece = await this.#piece(offset)
    const first = this.part.first + offset
    const body = source.body({first, length: piece.length, sent: bytes => this.#count(offset + bytes)})
    const fields: readonly HeaderField[] = [
      ['Content-Type', 'application/offset+octet-stream'],
      ['Upload-Offset', formatUploadOffset(offset)],
      ...piece.fields
    ]
    this.offset = undefined
    const call = {method: 'PATCH', url: this.#url, fields, body} as const
    const answer = await askTus(task, call, this.#watched()).finally(() => this.#noteGiven(offset))
    return this.#judge(answer, {first: offset, end: offset + piece.length})
  }

  async #piece(offset: number): Promise<{length: number; fields: readonly HeaderField[]}> {
    const {task, source, offer} = this.#upload
    const rest = this.part.length - offset
    const algorithm = checksumAlgorithm(await offer())
    if (algorithm === undefined) return {length: rest, fields: []}
    const length = Math.min(rest, checkedLength)
    const first = this.part.first + offset
    const field = await checksumField(task, source, {extent: {first, end: first + length}, algorithm})
    return {length, fields: [field]}
  }

  /** Success counts only with the offset that was expected; every other one is asked for once more (HEAD). */
  async #judge(answer: Answer, sent: {first: number; end: number}): Promise<Outcome> {
    const {task} = this.#upload
    const {response, exchange} = answer
    const {status, headers} = response
    if (status === 423) return this.#waitForLock(answer)
    if (status === 404 || status === 410) return this.#lose(answer)
    if (status === 460) return this.#repeat(answer, sent.first)
    if (status >= 400 && deliversErrors(task)) return {kind: 'refused', answer}
    if (status >= 400) throw await tusFailure(task, answer)
    if (status >= 300) {
      exchange.abort()
      throw malformed(response, 'leads elsewhere instead of taking the upload')
    }
    this.#locked = this.#mismatches = 0
    if (parseUploadOffset(headerValue(headers, 'upload-offset') ?? '') !== sent.end) {
      await passOver(task, answer)
      return {kind: 'more'}
    }
    await this.#assertSent(sent.end, response).catch((error: unknown) => {
      exchange.abort()
      throw error
    })
    this.#learn(sent.end, response)
    if (sent.end === this.part.length) return {kind: 'whole', answer}
    await passOver(task, answer)
    return {kind: 'more'}
  }

  #noteGiven(offset: number): void {
    const {given} = this.#upload
    const before = given.get(this.part.url)
    if (before === undefined) return
    given.set(this.part.url, Math.max(before, offset + (this.#exchange?.outgoing?.handed ?? 0)))
  }

  /** Nobody has more than there is, or than was sent: whoever says so may say anything (security P1). */
  async #assertSent(offset: number, response: URLResponse): Promise<void> {
    const {length, url} = this.part
    const given = this.#upload.given.get(url) ?? length
    if (offset <= given) return
    await forgetResource(this.#upload, this.#url)
    const what = given < length ? `bytes of an upload of which ${given} were sent` : `of ${length} bytes`
    throw new TransferError('NOT_RESUMABLE', `The server says that it has ${offset} ${what}`, {
      url: response.url,
      hint: notBelieved
    })
  }

  #learn(offset: number, response: URLResponse): void {
    this.offset = this.acknowledged = offset
    this.expires = expiryOf(response) ?? this.expires
    this.#count(offset)
    this.#upload.learnt()
  }

  #count(bytes: number): void {
    this.sent = bytes
    this.#upload.counted()
  }

  #watched(): {watch: (exchange: Exchange) => void} {
    return {
      watch: exchange => {
        this.#exchange = exchange
        if (this.#isHalted) exchange.abort()
      }
    }
  }

  async #lose(answer: Answer): Promise<Outcome> {
    await passOver(this.#upload.task, answer)
    return {kind: 'gone', reason: `The server does not know the upload any more (${answer.response.status})`}
  }

  async #waitForLock(answer: Answer): Promise<Outcome> {
    const {task} = this.#upload
    const trouble = new TransferError('HTTP_STATUS', 'another connection holds the upload', {
      hint: 'Try again when the server has noticed that it is gone.'
    })
    const error = await tusFailure(task, {...answer, trouble})
    const delay = lockDelays[this.#locked++]
    if (delay === undefined) throw error
    await waitAfter(task, {delay: error.retryAfter ?? delay, error})
    return {kind: 'again'}
  }

  // Nothing of the piece was kept (tus 1.0.0, Checksum), so it may be sent again where it was.
  async #repeat(answer: Answer, offset: number): Promise<Outcome> {
    await passOver(this.#upload.task, answer)
    if (this.#mismatches++ >= mostMismatches) {
      const message = `What arrives at the server is not what was sent: a checksum failed ${this.#mismatches} times`
      throw new TransferError('CHECKSUM_MISMATCH', message, {url: this.#url, method: 'PATCH'})
    }
    this.offset = offset
    return {kind: 'again'}
  }
}

// tus 1.0.0, HEAD: any of these means that there is no such upload.
function isUnknown(status: number): boolean {
  return status === 403 || status === 404 || status === 410
}

function malformed({url}: URLResponse, what: string): TransferError {
  return new TransferError('REPLY_MALFORMED', `The server ${what}`, {url})
}
