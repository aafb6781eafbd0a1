import {request} from 'node:http'
import type {IncomingMessage} from 'node:http'
import {isCode} from './places.ts'
import {readJson} from './request-body.ts'

export interface Question {
  readonly socketPath: string
  readonly token: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
  /** Ends the waiting for an answer. */
  readonly signal: AbortSignal
}

/** refused: nobody listens there any more. lost: somebody did, and no answer came. */
export type Reply =
  | {readonly kind: 'answered'; readonly status: number; readonly body: unknown}
  | {readonly kind: 'refused'}
  | {readonly kind: 'lost'}

const largestAnswer = 64 * 1024 * 1024

/** Asks one endpoint; never rejects. */
export async function ask(question: Question): Promise<Reply> {
  try {
    const message = await send(question)
    const body = await readJson(message, largestAnswer)
    return {kind: 'answered', status: message.statusCode ?? 0, body}
  } catch (error) {
    return {kind: isNobodyThere(error) ? 'refused' : 'lost'}
  }
}

function isNobodyThere(error: unknown): boolean {
  return isCode(error, 'ECONNREFUSED') || isCode(error, 'ENOENT')
}

/** Asks one endpoint, and resolves with the head of its answer. Rejects with the system's error. */
export function send(question: Question): Promise<IncomingMessage> {
  const {socketPath, method, path, signal} = question
  const body = question.body && JSON.stringify(question.body)
  const headers = {
    authorization: `Bearer ${question.token}`,
    connection: 'close',
    ...(body !== undefined && {'content-type': 'application/json', 'content-length': Buffer.byteLength(body)})
  }
  const {promise, resolve, reject} = Promise.withResolvers<IncomingMessage>()
  request({socketPath, method, path, signal, headers, agent: false}, resolve).on('error', reject).end(body)
  return promise
}
