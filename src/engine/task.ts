import {hideSecrets, keepNewest} from './exchange/sent-secrets.ts'
import type {CertificateCredential, TaskAuthentication} from './authentication-challenge.ts'
import type {ConfigurationKeys} from './configuration-keys.ts'
import type {Exchange} from './exchange/exchange.ts'
import type {Session} from './session.ts'
import type {TaskMetrics, TransactionMetrics} from './task-metrics.ts'
import {TransferError} from './transfer-error.ts'
import type {RequestSigner, URLRequest, URLResponse} from './url-request.ts'
import {steadyTime} from './exchange/steady-time.ts'

export type TaskKind = 'data' | 'download' | 'upload'

/** Where a task is. The last four are final: nothing leads out of them (T14). */
export type TaskState =
  'suspended' | 'running' | 'waiting' | 'canceling' | 'paused' | 'completed' | 'failed' | 'cancelled'

const transitions: Readonly<Record<TaskState, readonly TaskState[]>> = {
  suspended: ['running', 'waiting', 'cancelled', 'paused'],
  running: ['waiting', 'canceling', 'completed', 'failed', 'paused', 'cancelled'],
  waiting: ['running', 'canceling', 'failed', 'paused', 'cancelled'],
  canceling: ['completed', 'failed', 'paused', 'cancelled'],
  paused: [],
  completed: [],
  failed: [],
  cancelled: []
}

/** How a task ended. Paused is an outcome, not an error; HTTP statuses are errors only where the task asked for it. */
export interface TaskOutcome {
  readonly state: 'completed' | 'failed' | 'cancelled' | 'paused'
  readonly error?: TransferError
  readonly response?: URLResponse
  /** The finished file, in place. */
  readonly path?: string
  /** The resume data, when the task can be continued later. */
  readonly resumeData?: string
  /** What a success means when it is not a plain transfer. */
  readonly note?: 'alreadyComplete' | 'skipped' | 'notModified' | 'unannouncedLength'
}

/** Why a running task is told to stop; travels as the reason of its signal. */
export type StopReason = 'cancel' | 'pause' | TransferError

export interface TaskOptions {
  /** For a task that an earlier process began and that goes on as the same one: its id. Default: a new one. */
  readonly id?: string
  /** Milliseconds of timeouts.total that earlier processes have used up of it. Default: 0. */
  readonly spent?: number
  /** A person's word for the task (taskDescription, P28). */
  readonly label?: string
  /** 0 to 1; higher starts first when slots are full (P27). */
  readonly priority?: number
  /** What an HTTP status of 400 and above is: an error, a body like any other, or both. Default: fail. */
  readonly httpErrors?: 'fail' | 'deliver' | 'deliverAndFail'
  /** Who asks. Only the origin of the task's own URL ever sees it. */
  readonly authentication?: TaskAuthentication
  /**
   * given: of the session's credentials and secret headers this task uses none, only what it brings itself (a stranger
   * chose its address). Default: session.
   */
  readonly credentials?: 'session' | 'given'
  /** Shown to the origin of the task's own URL when that asks, unless the session has a client certificate for it (R33). */
  readonly certificate?: CertificateCredential
  /** Signs each request with credentials of its own (AWS Signature Version 4), last of all. */
  readonly sign?: RequestSigner
}

/** One transfer of one URL in a session (URLSessionTask). Made by a session, starts with resume(). */
export abstract class Task {
  abstract readonly kind: TaskKind
  /** Unique for this user on this machine, never used again. */
  readonly id: string
  readonly session: Session
  readonly originalRequest: URLRequest
  readonly options: TaskOptions
  readonly created = steadyTime()
  /** Settles when the task has ended; never rejects. */
  readonly outcome: Promise<TaskOutcome>
  /** The request under way: differs from the original one after a redirection. */
  currentRequest: URLRequest
  response: URLResponse | undefined
  metrics: TaskMetrics | undefined
  /** @internal Was the delegate told of the response? From then on a lost connection is a reconnection, not a waiting. */
  hasIntroducedResponse = false
  /** @internal The requests made last and what came of them, those under way included; see noteExchange(). */
  readonly exchanges: Exchange[] = []
  /** @internal For the metrics: what came of the requests before these. */
  readonly transactions: TransactionMetrics[] = []
  /** Bytes of the representation that are here, those of earlier tasks included. */
  countOfBytesReceived = 0
  /** Of the whole representation; undefined as long as, or where, the server does not say. */
  countOfBytesExpectedToReceive: number | undefined
  countOfBytesSent = 0
  /** The outcome, once there is one. */
  result: TaskOutcome | undefined
  /** Milliseconds since the epoch, as created; undefined until then. */
  started: number | undefined
  ended: number | undefined
  /** While it waits to try again: why the attempt before failed. */
  waitsAfter: TransferError | undefined
  #state: TaskState = 'suspended'
  // Made when somebody listens: most tasks are over before.
  #stop: AbortController | undefined
  #sentSecrets: Set<string> | undefined
  #settle: (outcome: TaskOutcome) => void = () => {}

  constructor(session: Session, origin: {id: string; request: URLRequest; options: TaskOptions}) {
    this.session = session
    this.id = origin.id
    this.originalRequest = origin.request
    this.currentRequest = origin.request
    this.options = origin.options
    this.outcome = new Promise(resolve => {
      this.#settle = resolve
    })
  }

  /** The session's keys as they are for the host of the task's own URL. */
  get keys(): ConfigurationKeys {
    return this.session.configuration.keysFor(this.originalRequest.url)
  }

  get state(): TaskState {
    return this.#state
  }

  get hasEnded(): boolean {
    return transitions[this.#state].length === 0
  }

  /** Was the task told to stop? */
  get isStopped(): boolean {
    return this.#stop?.signal.aborted === true
  }

  /** Aborts when the task has to stop; the reason is a StopReason. */
  get stopSignal(): AbortSignal {
    this.#stop ??= new AbortController()
    return this.#stop.signal
  }

  /** A text of a server, for people and logs: what this task has told servers, and nobody else may read, is "***". */
  withoutSecrets(text: string): string {
    return this.#sentSecrets ? hideSecrets(text, this.#sentSecrets) : text
  }

  /**
   * @internal For the engine: keeps in mind what is said to a server, as long as it is said again now and then: what signs
   * a single request is of no use later, and a task may make requests for days.
   */
  noteSecrets(secrets: readonly string[]): void {
    if (secrets.length === 0) return
    this.#sentSecrets ??= new Set()
    keepNewest(this.#sentSecrets, secrets)
  }

  /** Starts a suspended task as soon as the session has room. On any other task: nothing. */
  resume(): void {
    if (this.#state === 'suspended') this.session.schedule(this)
  }

  /** Ends the task for good; nothing stays on disk. On an ended task: nothing. */
  cancel(): void {
    this.stop('cancel')
  }

  /** @internal For tasks that can wait on disk (R18): throws NOT_RESUMABLE once somebody has started it. */
  assertNeverStarted(): void {
    if (this.#state === 'suspended' && !this.session.hasScheduled(this)) return
    throw new TransferError('NOT_RESUMABLE', 'Only a task that was never started can be suspended like this')
  }

  /** @internal For the engine: a request is about to leave, on a connection that stands. Throws where it must not. */
  willSend(_request: URLRequest): void {}

  /** @internal For the session: the transfer itself. Resolves to its outcome; rejects with a TransferError or the stop. */
  abstract perform(): Promise<TaskOutcome>

  /** @internal For the engine: asks the work to stop. The first reason wins. */
  stop(reason: StopReason): void {
    if (this.hasEnded || this.isStopped) return
    this.#stop ??= new AbortController()
    this.#stop.abort(reason)
    for (const exchange of this.exchanges) exchange.abort()
    if (this.#state === 'running' || this.#state === 'waiting') this.#state = 'canceling'
    else if (this.#state === 'suspended') this.session.endUnstarted(this, reason)
  }

  /** @internal For the engine: moves on where the table allows it; false where it does not (a late or doubled call). */
  enter(state: TaskState): boolean {
    if (!transitions[this.#state].includes(state)) return false
    this.#state = state
    return true
  }

  /** @internal For the engine: the one end of every task. Its promise settles only after the delegate was told. */
  end(outcome: TaskOutcome): boolean {
    if (!this.enter(outcome.state)) return false
    this.ended = steadyTime()
    this.result = outcome
    return true
  }

  /** @internal For the engine: releases whoever waits for the outcome. */
  settle(): void {
    if (this.result) this.#settle(this.result)
  }
}
