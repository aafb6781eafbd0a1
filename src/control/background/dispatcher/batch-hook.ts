import type {Batch, Journal} from '../journal.ts'
import type {Snapshot} from '../submission.ts'

/** Runs a command with a text as its standard input; resolves when it has ended, rejects with what went wrong. */
export type RunHook = (command: string, json: string, environment: Snapshot['environment']) => Promise<void>

export interface BatchHookOptions {
  readonly journal: Pick<Journal, 'takeBatches'>
  /** Is somebody attached, who hears of the ends anyway? */
  readonly isFollowed: (session: string) => boolean
  readonly runHook: RunHook
  readonly report: (error: unknown) => void
  /** A command has ended. */
  readonly ended: () => void
}

/** Tells the commands that want to know of it (`--on-complete`) that a session has nothing left to do (B14, R65). */
export class BatchHook {
  readonly #options: BatchHookOptions
  readonly #running = new Set<Promise<void>>()

  constructor(options: BatchHookOptions) {
    this.#options = options
  }

  get isRunning(): boolean {
    return this.#running.size > 0
  }

  /** Nothing of the session waits or runs. */
  drained(session: string): void {
    const {journal, isFollowed} = this.#options
    const batches = journal.takeBatches(session)
    if (isFollowed(session)) return
    for (const batch of batches) this.#run(session, batch)
  }

  /** Resolves when all commands have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#running)
  }

  #run(session: string, {onComplete, environment, tasks}: Batch): void {
    const {runHook, report, ended} = this.#options
    const json = JSON.stringify({session, tasks: tasks.map(({record}) => record)})
    const run = runHook(onComplete, json, environment)
      .catch(report)
      .finally(() => {
        this.#running.delete(run)
        ended()
      })
    this.#running.add(run)
  }
}
