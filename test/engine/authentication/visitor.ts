import {onTestFinished} from 'vitest'
import {Session, urlRequest} from '../../../src/engine/index.ts'
import type {
  ConfigurationChanges,
  DataOptions,
  SessionDelegate,
  SessionEnvironment,
  Task,
  TaskOutcome,
  URLRequest
} from '../../../src/engine/index.ts'
import {watchedDelegate} from '../../canary/watched-delegate.ts'
import {quickConfiguration} from '../recorded-session.ts'

export interface Visit {
  readonly task: Task
  readonly outcome: TaskOutcome
  readonly body: string
}

/** Somebody who asks for things in one session, which lives as long as the test. */
export interface Visitor {
  readonly session: Session
  get(target: string | URLRequest, options?: DataOptions): Promise<Visit>
}

/** Opens a session whose delegate is the test's own. */
export function visitor(
  changes: ConfigurationChanges = {},
  delegate: SessionDelegate = {},
  environment: SessionEnvironment = {}
): Visitor {
  const bodies = new Map<Task, string>()
  const session = new Session(
    quickConfiguration(changes),
    watchedDelegate({
      ...delegate,
      didReceiveData: (task, data) =>
        void bodies.set(task, (bodies.get(task) ?? '') + Buffer.from(data).toString('latin1'))
    }),
    environment
  )
  onTestFinished(() => session.invalidateAndCancel())
  return {
    session,
    get: async (target, options = {}) => {
      const task = session.dataTask(typeof target === 'string' ? urlRequest(target) : target, options)
      task.resume()
      const outcome = await task.outcome
      return {task, outcome, body: bodies.get(task) ?? ''}
    }
  }
}
