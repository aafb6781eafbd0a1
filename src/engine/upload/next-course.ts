import type {Answer} from '../exchange/follow.ts'
import {TransferError} from '../transfer-error.ts'
import {headerValue} from '../url-request.ts'
import type {UploadProtocol, UploadStep} from './upload-protocol.ts'

/** What is known when a protocol has made its step. */
export interface Standing {
  readonly protocol: UploadProtocol['name']
  /** May another protocol be tried? Only where the user has chosen none. */
  readonly choice: 'auto' | 'given'
  /** Has the server named an upload resource? */
  readonly resource: 'known' | 'unknown'
  readonly restarting: 'allow' | 'refuse'
  /** Resources that were lost since the server last acknowledged a byte. */
  readonly losses: number
  /** Steps that wanted more and brought nothing, in a row. */
  readonly fruitless: number
}

/** What follows from a step. */
export type Course =
  | {readonly kind: 'deliver'; readonly answer: Answer}
  /** Everything is there, and nobody has more to say. */
  | {readonly kind: 'done'}
  | {readonly kind: 'again'}
  /** The server speaks tus: what it refused is worth asking in its own words. */
  | {readonly kind: 'tus'; readonly answer: Answer}
  | {readonly kind: 'restart'; readonly reason: string}
  /** lost: the server has nothing of what it was sent. */
  | {readonly kind: 'fail'; readonly error: TransferError; readonly resource: 'kept' | 'lost'}

const patience = 2

/** Decides what follows from a protocol's step. */
export function nextCourse(step: UploadStep, standing: Standing): Course {
  switch (step.kind) {
    case 'answered':
      if (!step.answer) return {kind: 'done'}
      return speaksTus(step.answer, standing)
        ? {kind: 'tus', answer: step.answer}
        : {kind: 'deliver', answer: step.answer}
    case 'more':
      return standing.fruitless < patience
        ? {kind: 'again'}
        : {kind: 'fail', resource: 'kept', error: standstill()}
    case 'gone':
      return afterLoss(step.reason, standing)
  }
}

function speaksTus({response: {status, headers}}: Answer, {protocol, choice, resource}: Standing): boolean {
  const mayBe = protocol === 'ietf' && choice === 'auto' && resource === 'unknown'
  if (!mayBe || status < 400 || status > 499) return false
  return ['tus-resumable', 'tus-version'].some(name => headerValue(headers, name) !== undefined)
}

function afterLoss(reason: string, {restarting, losses}: Standing): Course {
  if (restarting === 'refuse') {
    const hint = 'Send it again from zero: leave out --no-restart, or continue with --restart.'
    const message = `${reason}, and starting again is forbidden`
    return {kind: 'fail', resource: 'kept', error: new TransferError('NOT_RESUMABLE', message, {hint})}
  }
  if (losses === 0) return {kind: 'restart', reason}
  const message = `${reason} again; the server does not keep what it is sent`
  return {kind: 'fail', resource: 'lost', error: new TransferError('NOT_RESUMABLE', message)}
}

// Worth another attempt later, as often as the session allows.
function standstill(): TransferError {
  return new TransferError('SEND_FAILED', 'The server takes no further bytes')
}

/** Has another sender, or a request thought dead, moved the offset? Then the server's word counts, once (RFC 9110, 15.5.10). */
export function isConflict(error: unknown): boolean {
  return error instanceof TransferError && error.code === 'HTTP_STATUS' && error.status === 409
}
