import {becomeDownload} from './become-download.ts'
import type {DataTask} from './data-task.ts'
import {askedRequest} from './data/decoding.ts'
import {handOver, introduce} from './data/hand-over.ts'
import {keeperOf} from './data/keep-answer.ts'
import {openContent} from './data/open-content.ts'
import type {Opened} from './data/open-content.ts'
import {deliveredFailure, deliversErrors, httpFailure} from './exchange/http-failure.ts'
import {LastFailure, persist} from './exchange/persist.ts'
import {missingLength} from './exchange/required-length.ts'
import type {TaskOutcome} from './task.ts'

/** Asks and hands the body to the delegate. Once a byte was handed over, a failure cannot be tried again. */
export async function receiveData(task: DataTask): Promise<TaskOutcome> {
  return persist(task, {received: () => 0, attempt: () => attempt(task)})
}

async function attempt(task: DataTask): Promise<TaskOutcome> {
  const opened = await openContent(task, askedRequest(task))
  const {content} = opened
  const {response} = content
  if (response.status >= 400 && !deliversErrors(task)) throw await httpFailure(task, await content.answer())
  const disposition = await introduce(task, {response, abort: () => content.abort()})
  if (disposition === 'becomeDownload') return becomeDownload(task, await content.answer())
  const keeper = opened.answer && (await keeperOf(task, {answer: opened.answer, key: opened.key}))
  await handOver(task, {
    response,
    receive: sink => content.receive(keeper?.watch(sink) ?? sink)
  })
  await keeper?.keep()
  return outcomeOf(task, opened)
}

function outcomeOf(task: DataTask, {content, answer}: Opened): TaskOutcome {
  const {response} = content
  const isUnannounced = answer?.exchange.framing === 'close'
  const missing = answer && missingLength(task.options, answer.exchange)
  if (missing) throw new LastFailure(missing)
  const failure = deliveredFailure(task, response)
  if (failure) return {state: 'failed', error: failure, response}
  return {state: 'completed', response, ...(isUnannounced ? {note: 'unannouncedLength' as const} : {})}
}
