import {onTestFinished} from 'vitest'
import {Session, SessionConfiguration, urlRequest} from '../../src/engine/index.ts'
import type {
  ConfigurationChanges,
  DataOptions,
  DataTask,
  SessionDelegate,
  SessionEnvironment,
  Task,
  TaskOutcome,
  URLRequest
} from '../../src/engine/index.ts'
import {watchedDelegate} from '../canary/watched-delegate.ts'
import {certificates} from '../origin/certificates.ts'

/** One call of the delegate, in the order of calling. */
export interface Call {
  readonly name: keyof SessionDelegate
  readonly task: Task | undefined
  readonly value: unknown
}

/** What came of a data task. */
export interface Received {
  readonly task: DataTask
  readonly outcome: TaskOutcome
  readonly body: Buffer
}

/** A session whose delegate writes everything down, and then asks the delegate of the test. */
export class RecordedSession {
  readonly calls: Call[] = []
  readonly session: Session
  readonly #bodies = new Map<Task, Buffer[]>()

  constructor(
    configuration: SessionConfiguration,
    own: SessionDelegate,
    environment: SessionEnvironment = {}
  ) {
    this.session = new Session(configuration, watchedDelegate(this.#delegate(own)), environment)
  }

  /** Names of the calls, of one task if given; repeated progress and data count once. */
  order(task?: Task): string[] {
    const names = this.calls
      .filter(call => task === undefined || call.task === task)
      .map(({name}) => name as string)
    return names.filter((name, index) => name !== names[index - 1])
  }

  count(name: keyof SessionDelegate, task?: Task): number {
    return this.calls.filter(call => call.name === name && (task === undefined || call.task === task)).length
  }

  body(task: Task): Buffer {
    return Buffer.concat(this.#bodies.get(task) ?? [])
  }

  /** Runs a data task to its end. */
  async get(target: string | URLRequest, options: DataOptions = {}): Promise<Received> {
    const request = typeof target === 'string' ? urlRequest(target) : target
    const task = this.session.dataTask(request, options)
    task.resume()
    const outcome = await task.outcome
    return {task, outcome, body: this.body(task)}
  }

  #delegate(own: SessionDelegate): SessionDelegate {
    const note = (name: keyof SessionDelegate, task?: Task, value?: unknown) =>
      void this.calls.push({name, task, value})
    return {
      ...this.#notices(own, note),
      ...(own.willPerformRedirection
        ? {
            willPerformRedirection: (task, redirection) => {
              note('willPerformRedirection', task, redirection)
              return own.willPerformRedirection?.(task, redirection)
            }
          }
        : {}),
      ...(own.willCacheResponse
        ? {
            willCacheResponse: (task, proposal) => {
              note('willCacheResponse', task, proposal)
              return own.willCacheResponse?.(task, proposal) ?? 'store'
            }
          }
        : {}),
      ...(own.needNewBodyStream
        ? {needNewBodyStream: (task, reason) => own.needNewBodyStream?.(task, reason)}
        : {}),
      didReceiveResponse: (task, response) => {
        note('didReceiveResponse', task, response)
        return own.didReceiveResponse?.(task, response) ?? 'allow'
      },
      didReceiveData: (task, data) => {
        note('didReceiveData', task, data.length)
        const pieces = this.#bodies.get(task)
        if (pieces) pieces.push(Buffer.from(data))
        else this.#bodies.set(task, [Buffer.from(data)])
        return own.didReceiveData?.(task, data)
      },
      didBecomeInvalidWithError: (session, error) => {
        note('didBecomeInvalidWithError', undefined, error)
        own.didBecomeInvalidWithError?.(session, error)
      }
    }
  }

  #notices(
    own: SessionDelegate,
    note: (name: keyof SessionDelegate, task?: Task, value?: unknown) => void
  ): SessionDelegate {
    return {
      didCreateTask: task => {
        note('didCreateTask', task)
        own.didCreateTask?.(task)
      },
      didStartTask: (task, attempt) => {
        note('didStartTask', task, attempt)
        own.didStartTask?.(task, attempt)
      },
      taskIsWaiting: (task, waiting) => {
        note('taskIsWaiting', task, waiting)
        own.taskIsWaiting?.(task, waiting)
      },
      taskWillReconnect: (task, waiting) => note('taskWillReconnect', task, waiting),
      didDecideRedirection: (task, redirection) => note('didDecideRedirection', task, redirection),
      didDecideCaching: (task, proposal) => note('didDecideCaching', task, proposal),
      didBecomeDownload: (task, download) => {
        note('didBecomeDownload', task, download)
        own.didBecomeDownload?.(task, download)
      },
      didResumeAtOffset: (task, resumption) => note('didResumeAtOffset', task, resumption),
      didNeedNewBody: (task, reason) => note('didNeedNewBody', task, reason),
      didSendBodyData: (task, progress) => note('didSendBodyData', task, progress),
      didWriteData: (task, progress) => note('didWriteData', task, progress),
      didFinishDownloading: (task, path) => note('didFinishDownloading', task, path),
      didFinishCollectingMetrics: (task, metrics) => note('didFinishCollectingMetrics', task, metrics),
      didCompleteWithError: (task, error) => {
        note('didCompleteWithError', task, error)
        own.didCompleteWithError?.(task, error)
      }
    }
  }
}

/** Trusts the test authority, does not try again and gives up after seconds. */
export const quick: ConfigurationChanges = {
  timeouts: {connect: 5, idle: 5},
  retry: {attempts: 0, delay: 0.01},
  tls: {ca: certificates.authority}
}

/** A quick configuration that keeps nothing on disk. */
export function quickConfiguration(changes: ConfigurationChanges = {}): SessionConfiguration {
  return SessionConfiguration.ephemeral(quick).with(changes)
}

/** A session that lives as long as the test. */
export function recordedSession(
  changes: ConfigurationChanges = {},
  delegate: SessionDelegate = {}
): RecordedSession {
  const recorded = new RecordedSession(quickConfiguration(changes), delegate)
  onTestFinished(() => recorded.session.invalidateAndCancel())
  return recorded
}
