import type {Session, SessionDelegate, Task, TransferError} from '../engine/index.ts'
import {
  cachingFacts,
  challengeFacts,
  headFacts,
  metricsFacts,
  redirectFacts,
  responseFacts
} from './event-facts.ts'
import type {Facts} from './event-facts.ts'
import {jsonText} from './json-text.ts'
import {maskUrl} from './mask.ts'
import {printable} from './printable.ts'
import {errorRecord, publicState} from './task-record.ts'
import type {RecordContext} from './task-record.ts'

export interface EventContext extends RecordContext {
  /** Takes one event: a JSON text without line feed. */
  readonly write: (line: string) => void
}

type Emit = (event: string, task: Task | undefined, facts: Facts) => void

/** Writes a session's life as events (`--events`), numbered without gaps. */
export function eventDelegate(context: EventContext): SessionDelegate {
  const emit = numbered(context)
  return {...lifeEvents(emit, context), ...transferEvents(emit)}
}

function numbered(context: EventContext): Emit {
  let sequence = 0
  return (event, task, facts) => {
    const head = {v: 1, seq: sequence, time: new Date().toISOString(), event}
    sequence += 1
    context.write(jsonText({...head, session: context.sessionName, task: task?.id ?? null, ...facts}))
  }
}

function lifeEvents(emit: Emit, context: RecordContext): SessionDelegate {
  const asRecord = (error: TransferError | undefined) => (error ? errorRecord(error, context) : null)
  return {
    didCreateTask: task =>
      emit('task.created', task, {kind: task.kind, url: maskUrl(task.originalRequest.url.href)}),
    didStartTask: (task, attempt) => emit('task.started', task, {attempt}),
    taskIsWaiting: (task, waiting) =>
      emit('task.waiting', task, {reason: waiting.reason, delayMs: waiting.delay}),
    didFinishCollectingMetrics: (task, metrics) => emit('task.metrics', task, metricsFacts(task, metrics)),
    didCompleteWithError: (task, error) =>
      emit('task.completed', task, {
        state: publicState(task.state),
        error: asRecord(error),
        response: task.response ? headFacts(task, task.response) : null,
        resumeData: task.result?.resumeData ?? null
      }),
    didBecomeInvalidWithError: (_session: Session, error) =>
      emit('session.invalidated', undefined, {error: asRecord(error)})
  }
}

function transferEvents(emit: Emit): SessionDelegate {
  return {
    didDecideRedirection: (task, decided) =>
      emit('task.redirect', task, {...redirectFacts(task, decided), decision: decided.decision}),
    didDecideChallenge: (task, decided) =>
      emit('task.challenge', task, {...challengeFacts(task, decided), disposition: decided.disposition}),
    didDecideCaching: (task, decided) => {
      const {url, size} = cachingFacts(task, decided)
      emit('cache.willStore', task, {url, size, decision: decided.decision})
    },
    didReceiveResponse: (task, response) => {
      emit('task.response', task, responseFacts(task, response))
      return 'allow'
    },
    didBecomeDownload: (task, download) =>
      emit('task.becameDownload', task, {path: download.path ?? null, download: download.id}),
    didResumeAtOffset: (task, resumption) =>
      emit('task.resumed', task, {
        offset: resumption.offset,
        expectedTotal: resumption.expectedTotalBytes ?? null,
        reason: printable(resumption.reason)
      }),
    didWriteData: (task, progress) =>
      emit('task.progress', task, {
        direction: 'receive',
        bytes: progress.bytesWritten,
        total: progress.totalBytesWritten,
        expected: progress.totalBytesExpectedToWrite ?? null
      }),
    didNeedNewBody: (task, reason) => emit('task.needNewBody', task, {reason}),
    didSendBodyData: (task, progress) =>
      emit('task.progress', task, {
        direction: 'send',
        bytes: progress.bytesSent,
        total: progress.totalBytesSent,
        expected: progress.totalBytesExpectedToSend ?? null
      }),
    didReceiveData: (task, data) => emit('task.data', task, {base64: Buffer.from(data).toString('base64')}),
    didFinishDownloading: (task, path) => emit('task.finished', task, {path})
  }
}
