import {askedRequest} from '../data/decoding.ts'
import {follow} from '../exchange/follow.ts'
import {LastFailure, persist} from '../exchange/persist.ts'
import type {RequestBody} from '../request-body.ts'
import type {TaskOutcome} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import {hasHeader} from '../url-request.ts'
import type {URLRequest} from '../url-request.ts'
import {deliverAnswer} from './answer.ts'
import {onceOnly} from './once-only.ts'
import type {Readings} from './readings.ts'
import {withHint} from './with-hint.ts'

/** What goes with the request, and what it is by itself. */
export interface PlainContent {
  readonly body: RequestBody
  /** What the source says it is; undefined: it cannot know. */
  readonly contentType: string | undefined
  readonly prepare?: Readings['prepare'] | undefined
}

/** The whole source as the body of one request; sent again from its first byte where that does nothing twice. */
export async function sendPlain(task: UploadTask, content: PlainContent): Promise<TaskOutcome> {
  const request = plainRequest(task, content)
  let failure: TransferError | undefined
  return persist(task, {
    received: () => 0,
    attempt: async () => {
      const body = failure ? content.body.again('retry') : content.body
      try {
        return await deliverAnswer(task, await follow(task, {...request, body}))
      } catch (error) {
        if (!(error instanceof TransferError)) throw error
        if (failure && isReadOnce(task, error)) throw new LastFailure(readOnce(failure))
        failure = error
        throw onceOnly(task, error)
      }
    },
    prepare: async error => {
      try {
        await content.prepare?.('retry')
      } catch (cause) {
        throw cause instanceof TransferError && isReadOnce(task, cause) ? readOnce(error) : cause
      }
    }
  })
}

function plainRequest(task: UploadTask, {contentType}: PlainContent): URLRequest {
  const request = askedRequest(task)
  const type = contentType ?? standardType(task)
  // A form's own type has the request's in it, and the boundary, without which nobody can read it.
  const isGiven = contentType === undefined && hasHeader(request.headers, 'content-type')
  if (type === undefined || isGiven) return request
  const others = request.headers.filter(([name]) => name.toLowerCase() !== 'content-type')
  return {...request, headers: [...others, ['Content-Type', type]]}
}

// What a body of POST is where nobody says more, for Foundation as for curl. A file is not a form (3A 9).
function standardType({originalRequest: {method}, source}: UploadTask): string | undefined {
  const isBare = source.kind === 'data' || source.kind === 'stream'
  return method === 'POST' && isBare ? 'application/x-www-form-urlencoded' : undefined
}

// What nobody knows the length of is a stream by whatever name: a pipe, a form with one in it.
function isReadOnce({source, countOfBytesExpectedToSend: size}: UploadTask, {code}: TransferError): boolean {
  return (source.kind === 'stream' || size === undefined) && code === 'READ_FAILED'
}

// Why the stream had to be read again is what matters to a person.
function readOnce(error: TransferError): TransferError {
  return withHint(
    error,
    'Send a file instead, or let a copy be kept with --spool: what can be read twice is sent again.',
    `${error.message}; the stream was read already, so it could not be sent again`
  )
}
