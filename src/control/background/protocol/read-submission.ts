import {isAbsolute} from 'node:path'
import {
  assertHeader,
  parseAddress,
  SessionConfiguration,
  TransferError,
  urlRequest
} from '../../../engine/index.ts'
import type {ConfigurationKeys} from '../../../engine/index.ts'
import type {Submission, SubmittedTask} from '../submission.ts'
import {checked} from '../../request-body.ts'

/**
 * A submission as it came over the socket, or the reason why it is none: USAGE, URL_MALFORMED, UNSUPPORTED_SCHEME or
 * CONFIGURATION_REFUSED, with the name of the field. What is accepted can be begun: keys that are missing are as usual.
 */
export async function readSubmission(body: unknown): Promise<Submission> {
  const {submissionBody} = await import('./background-schemas.ts')
  const submission = await checked(submissionBody, body)
  const {session, snapshot, tasks} = submission
  const keys = about('snapshot.keys', () => completeKeys(session, snapshot.keys))
  const ids = new Set<string>()
  for (const [index, task] of tasks.entries()) {
    about(`tasks.${index}.id`, () => assertNew(task.id, ids))
    about(`tasks.${index}.work`, () => assertWork(task))
  }
  return {...submission, snapshot: {...snapshot, keys}}
}

function completeKeys(session: string, given: ConfigurationKeys): ConfigurationKeys {
  const {keys} = SessionConfiguration.background(session, given)
  const {cookies, headers} = keys
  for (const [name, value] of Object.entries(headers)) assertHeader(name, value)
  const isRelative = [cookies.jar, ...cookies.sources].some(path => path !== undefined && !isAbsolute(path))
  if (isRelative)
    throw new TransferError('CONFIGURATION_REFUSED', 'The files of cookies have to be absolute paths')
  return keys
}

function assertNew(id: string, ids: Set<string>): void {
  if (ids.has(id)) throw new TransferError('USAGE', `The task ${id} is there twice`)
  ids.add(id)
}

function assertWork({work}: SubmittedTask): void {
  if (work.kind === 'continue') {
    for (const [name, value] of work.headers ?? []) assertHeader(name, value)
    return
  }
  const {url, method, headers} = work.request
  urlRequest(url, {method, headers})
  if (work.kind === 'upload' && work.options.collection !== undefined) parseAddress(work.options.collection)
}

function about<T>(field: string, judge: () => T): T {
  try {
    return judge()
  } catch (error) {
    if (!(error instanceof TransferError)) throw error
    const {code, message, hint} = error
    throw new TransferError(code, `${field}: ${message}`, hint === undefined ? {} : {hint})
  }
}
