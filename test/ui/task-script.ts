import type {SessionDelegate, TaskOutcome, Waiting} from '../../src/engine/index.ts'
import type {Task} from '../../src/engine/task.ts'

/** Tells a delegate about a task that is moved by hand, in the order in which a session does. */
export abstract class TaskScript<Moved extends Task> {
  readonly task: Moved
  protected readonly delegate: SessionDelegate

  constructor(delegate: SessionDelegate, task: Moved) {
    this.delegate = delegate
    this.task = task
    delegate.didCreateTask?.(task)
  }

  start(expected?: number): this {
    this.task.enter('running')
    this.task.started = Date.now()
    this.expect(expected)
    this.delegate.didStartTask?.(this.task, 1)
    return this
  }

  /** So many bytes are to be moved. */
  protected abstract expect(total: number | undefined): void

  wait(waiting: Waiting): this {
    this.task.enter('waiting')
    this.delegate.taskIsWaiting?.(this.task, waiting)
    return this
  }

  end(outcome: TaskOutcome): void {
    this.task.end(outcome)
    // By the clock of the test, as its start is.
    this.task.ended = Date.now()
    this.delegate.didCompleteWithError?.(this.task, outcome.error)
    this.task.settle()
  }
}
