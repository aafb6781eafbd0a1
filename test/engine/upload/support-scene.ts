import {onTestFinished} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {TaskOutcome, UploadOptions, UploadTask} from '../../../src/engine/index.ts'
import type {Handler} from '../../origin/connection.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import type {RecordedSession} from '../recorded-session.ts'
import {fileOf} from './sending.ts'

export const mebibyte = 1024 * 1024
/** A file about which a server is asked. */
export const large = Buffer.alloc(mebibyte, 'x')
/** One about which it is not. */
export const small = Buffer.alloc(mebibyte - 1, 'y')

/** An origin that takes every PUT, says this to OPTIONS, and keeps uploads of tus if they are created. */
export async function openOrigin(options: Handler): Promise<Origin> {
  const origin = await startOrigin()
  onTestFinished(() => origin.close())
  origin.on('OPTIONS', options)
  origin.on('PUT', respond(201))
  origin.on('POST', respond(201, {location: '/kept', 'tus-resumable': '1.0.0'}))
  origin.on('PATCH', (request, reply) =>
    reply.respond(204, {'upload-offset': String(request.bodyLength), 'tus-resumable': '1.0.0'})
  )
  return origin
}

export interface Sent extends UploadOptions {
  readonly bytes?: Buffer
  readonly headers?: readonly (readonly [string, string])[]
}

/** Begins to send a file. */
export function start(
  {session}: RecordedSession,
  address: string,
  {bytes = large, headers = [], ...options}: Sent = {}
): UploadTask {
  const request = urlRequest(address, {method: 'PUT', headers})
  const task = session.uploadTask(request, {source: fileOf(bytes), ...options})
  task.resume()
  return task
}

export const send = (recorded: RecordedSession, address: string, sent?: Sent): Promise<TaskOutcome> =>
  start(recorded, address, sent).outcome

/** What the origin was asked, in order. */
export const methods = ({requests}: Origin): string[] => requests.map(({method}) => method)
