import {spawn} from 'node:child_process'
import type {ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {onTestFinished, vi} from 'vitest'
import type {NumberedEvent} from '../../../src/control/background/background-task.ts'
import type {Dispatcher, DispatcherOptions} from '../../../src/control/background/dispatcher/dispatcher.ts'
import type {Journal} from '../../../src/control/background/journal.ts'
import type {
  Snapshot,
  StoredDownloadOptions,
  StoredRequest,
  StoredSource,
  SubmittedTask
} from '../../../src/control/background/submission.ts'
import type {TaskRecord} from '../../../src/control/task-record.ts'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import type {ConfigurationChanges} from '../../../src/engine/index.ts'
import {watchedDelegate} from '../../canary/watched-delegate.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {patience} from '../../scratch/patience.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {dispatcherFor, openJournalIn} from './open-dispatcher.ts'
import {wordEvents} from './word-events.ts'

/** A command that was run when a batch was done. */
export interface RunOfHook {
  readonly command: string
  readonly batch: {readonly session: string; readonly tasks: readonly TaskRecord[]}
  readonly environment: Snapshot['environment']
}

/** What a dispatcher of a test has beside the usual. */
export interface StageOptions extends Pick<Partial<DispatcherOptions>, 'interval' | 'freeSpace' | 'runHook'> {
  /** The journal that the dispatcher is given, made of the true one. */
  readonly journalOf?: (journal: Journal) => Journal
}

/** A dispatcher with a journal on disk, and a server. */
export class DispatcherStage {
  readonly folder: string
  readonly downloads: string
  readonly origin: Origin
  readonly hooks: RunOfHook[] = []
  readonly reports: unknown[] = []
  dispatcher!: Dispatcher
  journal!: Journal
  #made = 0

  constructor(folder: string, origin: Origin) {
    this.folder = folder
    this.origin = origin
    this.downloads = join(folder, 'downloads')
    mkdirSync(this.downloads)
  }

  /** Opens the journal as a daemon does when it begins, and takes up what is in it. */
  async open({journalOf, ...options}: StageOptions = {}): Promise<void> {
    const report = (error: unknown): void => void this.reports.push(error)
    this.journal = await openJournalIn(this.folder, report)
    this.dispatcher = dispatcherFor(this.folder, {
      journal: journalOf?.(this.journal) ?? this.journal,
      report,
      eventsOf: sink => watchedDelegate(wordEvents(sink)),
      runHook: async (command, json, environment) =>
        void this.hooks.push({command, batch: JSON.parse(json) as RunOfHook['batch'], environment}),
      ...options
    })
    await this.dispatcher.begin()
  }

  /** Ends it as a daemon that is told to stop. */
  async close(unfinished: 'keep' | 'cancel' = 'keep'): Promise<void> {
    await this.dispatcher.stop(unfinished)
    this.journal.close()
  }

  /** Lets another process take up what is in the journal, until it is killed or kills itself. */
  async runElsewhere(plot: 'run' | 'dieBeforeEnd'): Promise<ChildProcess> {
    const program = join(import.meta.dirname, 'dispatcher-process.ts')
    const child = spawn(process.execPath, [program, this.folder, plot], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    return child
  }

  async reopen(options: StageOptions = {}): Promise<void> {
    await this.close()
    await this.open(options)
  }

  /** A download of a path of the server into a file of that name. */
  download(name: string, facts: TaskFacts = {}): SubmittedTask {
    const {options, request, ...others} = facts
    return {
      ...this.#task(others),
      work: {
        kind: 'download',
        request: {url: this.origin.url(`/${name}`), method: 'GET', headers: [], ...request},
        options: {directory: this.downloads, fileName: name, ...options}
      }
    }
  }

  /** An upload of a file, as it is now, to the path of its name. */
  upload(path: string, facts: UploadFacts = {}): SubmittedTask {
    const {lifetime = 'user', resuming = 'automatic', options: _options, request, ...others} = facts
    const {size, mtimeMs, dev, ino} = statSync(path)
    return {
      ...this.#task(others),
      work: {
        kind: 'upload',
        request: {url: this.origin.url('/upload'), method: 'PUT', headers: [], ...request},
        source: {path, lifetime, size, modified: mtimeMs, device: dev, inode: ino},
        options: {resumeDataFolder: join(this.folder, 'uploads'), resuming}
      }
    }
  }

  /** A task that goes on with what an earlier download has left. */
  continuation(resumeData: string, facts: Partial<Omit<SubmittedTask, 'work'>> = {}): SubmittedTask {
    const url = this.origin.url('/file')
    const work = {
      kind: 'continue',
      task: 'download',
      resumeData,
      url,
      restarting: 'refuse',
      options: {}
    } as const
    return {...this.#task(facts), work}
  }

  submit(tasks: readonly SubmittedTask[], facts: SubmissionFacts = {}): readonly string[] {
    const {session = 'background', ...snapshot} = facts
    return this.dispatcher.submit({session, snapshot: snapshotOf(session, snapshot), tasks})
  }

  /** Resolves with the record when the task has ended. */
  async ended(id: string): Promise<TaskRecord> {
    const rolled = this.dispatcher.roll.find(id)
    await rolled?.task.outcome
    const end = this.dispatcher.roll.find(id)?.end()
    if (!end) throw new Error(`The task ${id} has not ended`)
    return end.record
  }

  /** Resolves when the task stands like this. */
  async until(id: string, state: string): Promise<void> {
    await vi.waitUntil(() => this.journal.task(id)?.state === state, patience)
  }

  /** Resolves when so many bytes of the task are here. */
  async untilBytes(id: string, bytes: number): Promise<void> {
    const record = (): TaskRecord | undefined => this.dispatcher.roll.find(id)?.record()
    await vi.waitUntil(() => (record()?.bytes ?? 0) >= bytes, patience)
  }

  /** What has been told of a session, or of one task. */
  events(facts: {session?: string; task?: string} = {}): readonly NumberedEvent[] {
    const {session = 'background', task} = facts
    const events = this.journal.events(session, {after: -1, limit: 100_000})
    return task === undefined ? events : events.filter(event => event.task === task)
  }

  /** The names of these events. */
  told(task: string): readonly string[] {
    return this.events({task}).map(({event}) => event)
  }

  /** Resolves when a task could go on later from where it is. */
  async untilResumable(id: string): Promise<void> {
    const isResumable = (): boolean => this.journal.task(id)?.resumeData !== null
    await vi.waitUntil(isResumable, patience)
  }

  /** Resolves when a download has written down that some of it is on disk. */
  async untilResumeData(name: string): Promise<void> {
    const path = join(this.downloads, `${name}.ferry`)
    const claimed = (): number =>
      existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as {bytesReceived: number}).bytesReceived : 0
    await vi.waitUntil(() => claimed() > 0, patience)
  }

  /** Another file takes the place of one. */
  replaceFile(name: string, content: Buffer): void {
    const path = join(this.downloads, name)
    writeFileSync(`${path}.new`, content)
    renameSync(`${path}.new`, path)
  }

  file(name: string): Buffer {
    return readFileSync(join(this.downloads, name))
  }

  #task(facts: Partial<Omit<SubmittedTask, 'work'>>): Omit<SubmittedTask, 'work'> {
    this.#made += 1
    return {
      id: `task${String(this.#made).padStart(6, '0')}`,
      label: null,
      priority: 0.5,
      earliestBegin: null,
      ...facts
    }
  }
}

export interface TaskFacts extends Partial<Omit<SubmittedTask, 'work'>> {
  readonly options?: Partial<StoredDownloadOptions>
  readonly request?: Partial<StoredRequest>
}

export interface UploadFacts extends TaskFacts {
  readonly lifetime?: StoredSource['lifetime']
  readonly resuming?: 'never'
}

export interface SubmissionFacts extends Partial<Omit<Snapshot, 'keys'>> {
  readonly session?: string
  readonly keys?: ConfigurationChanges
}

/** As a command hands it over: through JSON. */
function snapshotOf(session: string, facts: Omit<SubmissionFacts, 'session'>): Snapshot {
  const {keys = {}, onComplete = null, environment = {}, ...others} = facts
  const configuration = SessionConfiguration.background(session, {
    retry: {delay: 0.02},
    timeouts: {connect: 5, idle: 5}
  }).with(keys)
  return JSON.parse(
    JSON.stringify({...others, keys: configuration.keys, onComplete, environment})
  ) as Snapshot
}

/** A stage that lives as long as the test. */
export async function dispatcherStage(options: StageOptions = {}): Promise<DispatcherStage> {
  const origin = await startOrigin()
  const stage = new DispatcherStage(scratchFolder(), origin)
  await stage.open(options)
  onTestFinished(async () => {
    await stage.dispatcher.stop('keep')
    stage.journal.close()
    await origin.close()
  })
  return stage
}
