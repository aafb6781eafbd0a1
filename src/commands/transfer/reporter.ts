import {existsSync} from 'node:fs'
import {exitCodes} from '../../cli/exit-codes.ts'
import type {StandardOutput} from '../../cli/standard-output.ts'
import type {SessionDelegate, Task, TransferError} from '../../engine/index.ts'
import {isDownloadTask} from '../../ui/task-kind.ts'
import type {TaskRecord} from '../../ui/task-record.ts'
import type {OpenHooks} from './hooks/open-hooks.ts'
import {errorFacts} from './refusals.ts'
import type {TransferRun} from './run-transfers.ts'
import type {Speaker} from './speaker.ts'

export interface ReporterParts {
  readonly stdout: StandardOutput
  readonly record: (task: Task) => TaskRecord
  readonly speaker: Speaker
  /** The hook of --on-complete. */
  readonly complete: OpenHooks['complete']
}

/** Writes the results of a run for whoever reads its standard output. */
export class Reporter {
  readonly #run: TransferRun
  readonly #parts: ReporterParts
  readonly #hooks: Promise<void>[] = []

  constructor(run: TransferRun, parts: ReporterParts) {
    this.#run = run
    this.#parts = parts
  }

  async eventDelegate(): Promise<SessionDelegate> {
    const {eventDelegate} = await import('../../ui/events.ts')
    return eventDelegate({
      write: line => void this.#parts.stdout.write(`${line}\n`),
      exitCode: error => exitCodes[error.code],
      sessionName: this.#run.session.name
    })
  }

  /** A task has ended: its path, its -w, its --on-complete. */
  finish(task: Task): void {
    const {output, flags} = this.#run
    const path = finalPath(task)
    const wantsPath = output.format === 'paths' && this.#run.standardOutput === 'report' && !flags.silent
    if (wantsPath && path !== undefined) {
      void this.#parts.stdout.write(`${path}\n`)
    }
    if (output.writeOut === undefined && !this.#parts.complete) return
    const warn = (error: unknown): void => {
      this.#parts.speaker.warn(error instanceof Error ? error.message : String(error))
    }
    this.#hooks.push(this.#tell(task).catch(warn))
  }

  /** All tasks have ended; refused: what never became one. */
  async finishReport(tasks: readonly Task[], refused: readonly TransferError[]): Promise<void> {
    if (this.#run.output.format !== 'json') return
    const {formatJsonDocument} = await import('../../ui/json-document.ts')
    await this.#parts.stdout.write(formatJsonDocument(tasks.map(this.#parts.record), errorFacts(refused)))
  }

  /** Resolves when everything that finish() began is done. */
  async completed(): Promise<void> {
    await Promise.all(this.#hooks)
  }

  async #tell(task: Task): Promise<void> {
    const record = this.#parts.record(task)
    const {writeOut} = this.#run.output
    if (writeOut !== undefined) {
      const {formatWriteOut} = await import('../../ui/write-out.ts')
      const text = formatWriteOut(writeOut, {task, record})
      if (text.stderr) process.stderr.write(text.stderr)
      await this.#parts.stdout.write(text.stdout)
    }
    await this.#parts.complete?.(record)
  }
}

function finalPath(task: Task): string | undefined {
  if (!isDownloadTask(task) || task.result?.state !== 'completed') return undefined
  const path = task.result.path ?? task.path
  // "Not modified" may be the answer to a date, with no file here that it would be about.
  return task.result.note === 'notModified' && path !== undefined && !existsSync(path) ? undefined : path
}
