import type {TaskKind, TaskOutcome} from '../../src/engine/index.ts'
import {TransferError} from '../../src/engine/index.ts'
import type {ControllableTask, TaskRecord, TaskRecords} from '../../src/control/task-record.ts'

export type Ability = 'resumable' | 'notResumable' | 'data' | 'resumableUpload' | 'upload'

const kinds: Readonly<Record<Ability, TaskKind>> = {
  resumable: 'download',
  notResumable: 'download',
  data: 'data',
  resumableUpload: 'upload',
  upload: 'upload'
}

/** Stands in for an engine task: ends when told to, and pauses as its ability says. */
export class FakeTask implements ControllableTask {
  readonly id: string
  readonly created = Date.now()
  readonly options: {label?: string} = {}
  readonly outcome: Promise<TaskOutcome>
  readonly kind: TaskKind
  readonly ability: Ability
  readonly isResumable: boolean
  /** Of an upload. */
  source: string | null = '/photos/garden.raw'
  readonly cancelByProducingResumeData?: (otherwise?: 'continue' | 'cancel') => Promise<string | undefined>
  session = 'shared'
  resumeData: string | undefined
  hasEnded = false
  pauses = 0
  /** Milliseconds a pause takes. */
  pauseTakes = 20
  bytes = 10
  readonly #stop = new AbortController()
  readonly #settle: (outcome: TaskOutcome) => void

  constructor(id: string, ability: Ability = 'resumable') {
    this.id = id
    this.ability = ability
    this.kind = kinds[ability]
    this.isResumable = ability === 'resumable' || ability === 'resumableUpload'
    const {promise, resolve} = Promise.withResolvers<TaskOutcome>()
    this.outcome = promise
    this.#settle = resolve
    if (ability !== 'data') this.cancelByProducingResumeData = otherwise => this.#pause(otherwise)
  }

  get stopSignal(): AbortSignal {
    return this.#stop.signal
  }

  cancel(): void {
    this.#stop.abort('cancel')
    this.end({state: 'cancelled', error: new TransferError('CANCELLED', 'Cancelled')})
  }

  end(outcome: TaskOutcome): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.#settle(outcome)
  }

  async #pause(otherwise: 'continue' | 'cancel' = 'continue'): Promise<string | undefined> {
    const resumable = this.isResumable
    if (this.hasEnded || (!resumable && otherwise === 'continue')) return undefined
    this.#stop.abort(resumable ? 'pause' : 'cancel')
    this.pauses++
    await new Promise(resolve => setTimeout(resolve, this.pauseTakes))
    if (resumable) this.end({state: 'paused', resumeData: this.resumeData ?? '/nowhere/F.ferry'})
    else this.end({state: 'cancelled'})
    return (await this.outcome).resumeData
  }
}

const exitCodes: Readonly<Record<TaskOutcome['state'], number>> = {
  completed: 0,
  paused: 114,
  cancelled: 115,
  failed: 18
}

/** Words and numbers as the command line would give them. */
export const fakeRecords: TaskRecords<FakeTask> = {
  record: (task, outcome): TaskRecord => ({
    id: task.id,
    kind: task.kind,
    session: task.session,
    url: 'http://127.0.0.1/F',
    finalUrl: 'http://127.0.0.1/F',
    state: outcome?.state ?? 'running',
    status: 200,
    path: null,
    bytes: task.bytes,
    total: 100,
    resumedFrom: null,
    restarted: false,
    checksum: null,
    durationMs: 5,
    error: outcome?.error ? {code: outcome.error.code, message: outcome.error.message, exitCode: 18} : null,
    resumeData: outcome ? (outcome.resumeData ?? null) : (task.resumeData ?? null),
    ...(task.kind === 'upload' && {source: task.source})
  }),
  exitCode: outcome => exitCodes[outcome.state]
}
