import {DownloadTask} from '../../engine/index.ts'
import type {Task} from '../../engine/index.ts'
import {localMinute} from '../../ui/local-minute.ts'
import {shownAddress} from '../../ui/shown-address.ts'
import {transferName} from '../../ui/transfer-name.ts'
import type {SubmissionRun} from './submit-transfers.ts'

/** Of more transfers than these, a sentence names no ids. */
export const mostIds = 3

/** What a person is told of transfers that go on without the command: what, where, when, and how to look at them. */
export function farewell(tasks: readonly Task[], run: SubmissionRun): readonly string[] {
  const [first] = tasks
  if (!first) return []
  const one = tasks.length === 1
  const what = one ? transferName(first) : `${tasks.length} transfers`
  const {name} = run.session
  const where = `in the background${name === 'background' ? '' : ` (session ${name})`}`
  // The ids of many are on standard output; a session may have ended, in part, before somebody waits for it.
  const wait = tasks.length <= mostIds ? tasks.map(({id}) => id).join(' ') : `--session ${name}`
  return [
    `${what} ${one ? 'goes' : 'go'} on ${where}${one ? direction(first) : ''}${timing(run)}`,
    `See with: ferry tasks. Wait with: ferry wait ${wait}`
  ]
}

function direction(task: Task): string {
  if (task instanceof DownloadTask) return `, into ${task.options.directory}`
  return `, to ${shownAddress(task, task.originalRequest.url.href)}`
}

function timing({earliestBegin, session}: SubmissionRun): string {
  const {window} = session.configuration.keys.discretionary
  const begin =
    earliestBegin !== null && earliestBegin > Date.now() ? `, from ${localMinute(earliestBegin)}` : ''
  const [from, to] = window?.split('-') ?? []
  return from === to ? begin : `${begin}, between ${from} and ${to}`
}
