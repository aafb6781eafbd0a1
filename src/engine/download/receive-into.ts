import {DecodingSink} from '../exchange/decoding-sink.ts'
import type {BodySink, Exchange} from '../exchange/exchange.ts'
import {codingsOf} from '../exchange/content-codings.ts'
import type {Answer} from '../exchange/follow.ts'
import {monotonic} from '../exchange/monotonic.ts'
import {mixedReplaceBoundary} from '../exchange/mixed-replace.ts'
import {LastFailure} from '../exchange/persist.ts'
import {fileTooLarge, limitSize, receiveBody} from '../exchange/receive-body.ts'
import {missingLength} from '../exchange/required-length.ts'
import {writeFailure} from '../files/write-failure.ts'
import type {Draft} from './draft.ts'
import {LastPart} from './last-part.ts'

// A checkpoint comes when twenty times the time of the one before has passed: it never takes more than a twentieth.
const checkpointShare = 20
const shortestInterval = 200
const longestInterval = 5000
// How long a short body may stay in memory alone.
const briefTime = 50

/** Lets the body into the draft, with checkpoints several times a second where they cost little. */
export async function receiveInto(draft: Draft, {exchange, response}: Answer): Promise<void> {
  const {task} = draft
  assertAcceptable(draft, {exchange, response})
  const codings = codingsOf(response)
  const file: BodySink = limitSize(task, {write: view => draft.write(view)})
  const boundary = mixedReplaceBoundary(response)
  const parts = boundary === undefined ? undefined : new LastPart(task, boundary)
  const target = parts ?? file
  const decoder = task.options.decode && codings.length > 0 ? new DecodingSink(codings, target) : undefined
  const stopCheckpoints = keepCheckpoints(draft, exchange)
  try {
    await receiveBody(task, {exchange, sink: decoder ?? target})
    await decoder?.finish()
    if (parts) await file.write(await parts.content())
  } finally {
    stopCheckpoints()
  }
}

function assertAcceptable(draft: Draft, {exchange}: Answer): void {
  const {task} = draft
  const {maxFileSize} = task.keys.limits
  const missing = missingLength(task.options, exchange)
  const refusal =
    maxFileSize !== undefined && (draft.total ?? 0) > maxFileSize
      ? fileTooLarge(maxFileSize)
      : missing && new LastFailure(missing)
  if (!refusal) return
  exchange.abort()
  throw refusal
}

function keepCheckpoints(draft: Draft, exchange: Exchange): () => void {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  const later = (delay: number, step: () => Promise<void>) => {
    if (isStopped) return
    timer = setTimeout(() => {
      const begun = monotonic()
      step().then(
        () => later(intervalAfter(monotonic() - begun), () => draft.checkpoint()),
        (error: unknown) => exchange.abort(writeFailure(error, draft.path))
      )
    }, delay).unref()
  }
  if (draft.staged.isBrief) later(briefTime, () => draft.open())
  else later(shortestInterval, () => draft.checkpoint())
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

function intervalAfter(cost: number): number {
  return Math.min(longestInterval, Math.max(shortestInterval, cost * checkpointShare))
}
