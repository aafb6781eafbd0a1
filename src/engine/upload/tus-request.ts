import {discardBody} from '../exchange/discard-body.ts'
import {follow} from '../exchange/follow.ts'
import type {Answer} from '../exchange/follow.ts'
import {httpFailure} from '../exchange/http-failure.ts'
import type {Sending} from '../exchange/send.ts'
import {parseHttpDate} from '../fields/http-date.ts'
import {parseTusVersion} from '../fields/tus-version.ts'
import type {RequestBody} from '../request-body.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import {headerValue} from '../url-request.ts'
import type {HeaderField, URLResponse} from '../url-request.ts'
import {accompanyingHeaders} from './accompanying-headers.ts'
import {keepingRedirectionsSecret} from './secret-segments.ts'

/** The version of tus that is spoken here. */
export const tusVersion = '1.0.0'

/** One request of the protocol. */
export interface TusCall {
  readonly method: 'OPTIONS' | 'POST' | 'HEAD' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly fields?: readonly HeaderField[]
  readonly body?: RequestBody
}

/** Asks, with what the task itself says at that place. */
export async function askTus(task: UploadTask, call: TusCall, sending?: Sending): Promise<Answer> {
  const {method, url, fields = [], body} = call
  const own = (await accompanyingHeaders(task, url)).filter(([name]) => !/^tus-/i.test(name))
  // Servers ignore the version in OPTIONS, and clients should not send it (tus 1.0.0, Tus-Resumable).
  const version: readonly HeaderField[] = method === 'OPTIONS' ? [] : [['Tus-Resumable', tusVersion]]
  const request = {url, method, headers: [...own, ...version, ...fields], ...(body ? {body} : {})}
  // Only what is there already is a secret: uploads are created at the user's own address.
  const isResource = method !== 'POST' && method !== 'OPTIONS'
  return follow(task, request, isResource ? keepingRedirectionsSecret(task, sending) : sending)
}

/** Lets go of an answer that is a step of the protocol, and nothing that anybody waits for. */
export async function passOver(task: UploadTask, {exchange}: Answer): Promise<void> {
  await discardBody(exchange)
  task.response = undefined
}

/** A refusal as an error. */
export function tusFailure(task: UploadTask, answer: Answer): Promise<TransferError> {
  return httpFailure(task, explained(answer))
}

/** A refusal, with what there is to say about the versions that the server speaks. */
export function explained(answer: Answer): Answer {
  const {status, headers} = answer.response
  const versions = parseTusVersion(headerValue(headers, 'tus-version') ?? '')
  const isForeign = status === 412 && versions.length > 0 && !versions.includes(tusVersion)
  return isForeign ? {...answer, trouble: foreignVersion(versions)} : answer
}

/** What to say of a server that speaks other versions only. */
export function foreignVersion(versions: readonly string[]): TransferError {
  const spoken = versions.slice(0, 5).join(', ')
  return new TransferError('HTTP_STATUS', `it speaks tus ${spoken}, and ferry ${tusVersion}`, {
    hint: 'Send it as a plain request (--resumable none), which cannot be continued.'
  })
}

/** When the server may forget an upload, by our clock: its date is measured by its own. */
export function expiryOf({headers}: URLResponse): number | undefined {
  const expires = parseHttpDate(headerValue(headers, 'upload-expires') ?? '')
  const date = parseHttpDate(headerValue(headers, 'date') ?? '')
  if (expires === undefined || date === undefined) return expires
  return Date.now() + expires - date
}
