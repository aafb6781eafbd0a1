import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {
  ConfigurationChanges,
  HeaderField,
  SendProgress,
  SessionDelegate,
  TaskOutcome,
  UploadOptions,
  UploadSource,
  UploadTask
} from '../../../src/engine/index.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {recordedSession} from '../recorded-session.ts'
import type {RecordedSession} from '../recorded-session.ts'

interface Sent extends UploadOptions {
  readonly method?: string
  readonly headers?: readonly HeaderField[]
}

/** An origin, and a session that uploads to its /U. */
export interface Sending {
  readonly origin: Origin
  readonly recorded: RecordedSession
  start(source: UploadSource, sent?: Sent): UploadTask
  send(source: UploadSource, sent?: Sent): Promise<{task: UploadTask; outcome: TaskOutcome}>
  progress(task: UploadTask): readonly SendProgress[]
}

/** Opens what is taken down with the test. */
export async function openSending(
  changes: ConfigurationChanges = {},
  delegate: SessionDelegate = {}
): Promise<Sending> {
  const origin = await startOrigin()
  onTestFinished(() => origin.close())
  const recorded = recordedSession(changes, delegate)
  const start: Sending['start'] = (source, {method = 'PUT', headers = [], ...options} = {}) => {
    const request = urlRequest(origin.url('/U'), {method, headers})
    const task = recorded.session.uploadTask(request, {source, ...options})
    task.resume()
    return task
  }
  return {
    origin,
    recorded,
    start,
    send: async (source, sent) => {
      const task = start(source, sent)
      return {task, outcome: await task.outcome}
    },
    progress: task =>
      recorded.calls
        .filter(call => call.name === 'didSendBodyData' && call.task === task)
        .map(call => call.value as SendProgress)
  }
}

/** A file to send. */
export function fileOf(bytes: Uint8Array, name = 'F'): Extract<UploadSource, {kind: 'file'}> {
  const path = join(scratchFolder(), name)
  writeFileSync(path, bytes)
  return {kind: 'file', path}
}

/** A delegate that gives one stream, and none when it is asked again. */
export function onceStreaming(pieces: readonly Uint8Array[]): SessionDelegate {
  let given = false
  return {
    needNewBodyStream: () => {
      if (given) return undefined
      given = true
      return (async function* () {
        yield* pieces
      })()
    }
  }
}
