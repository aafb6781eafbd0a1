import {becomeDownload} from './become-download.ts'
import type {DataTask} from './data-task.ts'
import type {Content} from './data/content.ts'
import {askedRequest, codingsToUndo} from './data/decoding.ts'
import {keeperOf} from './data/keep-answer.ts'
import type {Keeper} from './data/keep-answer.ts'
import {openContent} from './data/open-content.ts'
import type {Opened} from './data/open-content.ts'
import {partsSink} from './data/parts.ts'
import {decisionOf} from './exchange/decision.ts'
import {DecodingSink} from './exchange/decoding-sink.ts'
import {deliveredFailure, deliversErrors, httpFailure} from './exchange/http-failure.ts'
import {mixedReplaceBoundary} from './exchange/mixed-replace.ts'
import {persist} from './exchange/persist.ts'
import {limitSize} from './exchange/receive-body.ts'
import type {TaskOutcome} from './task.ts'
import {TransferError} from './transfer-error.ts'

/** Asks and hands the body to the delegate. Once a byte was handed over, a failure cannot be tried again. */
export async function receiveData(task: DataTask): Promise<TaskOutcome> {
  let handedOver = false
  return persist(task, {
    received: () => 0,
    attempt: async () => {
      try {
        return await attempt(task, () => {
          handedOver = true
        })
      } catch (error) {
        if (!handedOver || !(error instanceof TransferError)) throw error
        throw new DataInterrupted(error)
      }
    }
  }).catch((error: unknown) => {
    throw error instanceof DataInterrupted ? error.failure : error
  })
}

/** Keeps a failure from being tried again. */
class DataInterrupted extends Error {
  readonly failure: TransferError

  constructor(failure: TransferError) {
    super(failure.message)
    this.failure = failure
  }
}

async function attempt(task: DataTask, onData: () => void): Promise<TaskOutcome> {
  const {delegate} = task.session
  const opened = await openContent(task, askedRequest(task))
  const {content} = opened
  const {response} = content
  if (response.status >= 400 && !deliversErrors(task)) throw await httpFailure(task, await content.answer())
  const disposition = await decisionOf(task, delegate.didReceiveResponse?.(task, response))
  task.hasIntroducedResponse = true
  if (disposition === 'cancel') {
    content.abort()
    task.stop('cancel')
    throw new TransferError('CANCELLED', 'The delegate refused the response')
  }
  if (disposition === 'becomeDownload') return becomeDownload(task, await content.answer())
  const keeper = opened.answer && (await keeperOf(task, {answer: opened.answer, key: opened.key}))
  await handOver(task, {content, keeper, onData})
  await keeper?.keep()
  return outcomeOf(task, opened)
}

interface HandOver {
  readonly content: Content
  readonly keeper: Keeper | undefined
  readonly onData: () => void
}

/** Body to delegate: kept as it comes, decoded, taken apart, counted. */
async function handOver(task: DataTask, {content, keeper, onData}: HandOver): Promise<void> {
  const {delegate, progress} = task.session
  const {response} = content
  const codings = codingsToUndo(task, response)
  const boundary = mixedReplaceBoundary(response)
  const isChanged = codings.length > 0 || boundary !== undefined
  task.countOfBytesExpectedToReceive = isChanged ? undefined : response.expectedContentLength
  const sink = limitSize(task, {
    write: view => {
      onData()
      task.countOfBytesReceived += view.length
      return delegate.didReceiveData?.(task, view)
    }
  })
  const parts = boundary === undefined ? undefined : partsSink(task, {response, boundary, sink})
  const decoder = codings.length > 0 ? new DecodingSink(codings, parts ?? sink) : undefined
  const last = decoder ?? parts ?? sink
  await content.receive(keeper?.watch(last) ?? last)
  await decoder?.finish()
  if ((await parts?.finish()) === 'truncated') {
    throw new TransferError('TRANSFER_TRUNCATED', 'The content ended within a part')
  }
  progress.finish(task)
}

function outcomeOf(task: DataTask, {content, answer}: Opened): TaskOutcome {
  const {response} = content
  const isUnannounced = answer?.exchange.framing === 'close'
  if (isUnannounced && task.options.requireLength) {
    throw new TransferError('TRANSFER_TRUNCATED', 'The server did not announce the length')
  }
  const failure = deliveredFailure(task, response)
  if (failure) return {state: 'failed', error: failure, response}
  return {state: 'completed', response, ...(isUnannounced ? {note: 'unannouncedLength' as const} : {})}
}
