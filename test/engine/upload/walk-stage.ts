import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, onTestFinished} from 'vitest'
import {Session, SessionConfiguration, urlRequest} from '../../../src/engine/index.ts'
import type {
  ConfigurationChanges,
  HeaderField,
  ResumeUploadOptions,
  Resumption,
  SendProgress,
  SessionDelegate,
  TaskOutcome,
  UploadOptions,
  UploadResumeData,
  UploadSource,
  UploadTask
} from '../../../src/engine/index.ts'
import {watchedDelegate} from '../../canary/watched-delegate.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {signingKey} from '../download/stage.ts'

interface StageOptions {
  readonly configuration?: ConfigurationChanges
  readonly delegate?: SessionDelegate
  readonly kind?: 'default' | 'ephemeral'
  /** Called whenever somebody wants the key, which is when resume data is about to be read or written. */
  readonly keyWanted?: () => void
}

export interface UploadScene extends UploadOptions {
  readonly method?: string
  readonly headers?: readonly HeaderField[]
  /** Of the address. */
  readonly query?: string
  readonly path?: string
  readonly lifetime?: 'user' | 'task'
}

/** A file F of 1000 bytes, an origin, a folder for resume data, and a session that tries once unless told otherwise. */
export class WalkStage {
  readonly origin: Origin
  readonly folder = scratchFolder()
  readonly records = join(scratchFolder(), 'uploads')
  readonly content = seededBytes(1000, 3)
  readonly resumptions: Resumption[] = []
  readonly sent: SendProgress[] = []
  /** Paths of resume data, as the environment was told: undefined when it went. */
  readonly updates: (string | undefined)[] = []
  readonly #options: StageOptions

  constructor(origin: Origin, options: StageOptions) {
    this.origin = origin
    this.#options = options
    writeFileSync(this.file, this.content)
  }

  get file(): string {
    return join(this.folder, 'F')
  }

  /** Names of everything in the folder of resume data. */
  get files(): string[] {
    return existsSync(this.records) ? readdirSync(this.records).sort() : []
  }

  /** Names of the resume data that there is. */
  get names(): string[] {
    return this.files.filter(name => name.endsWith('.ferry'))
  }

  /** The only resume data that there is. */
  get recordPath(): string {
    expect(this.names).toHaveLength(1)
    return join(this.records, this.names[0] ?? '')
  }

  get record(): UploadResumeData {
    return JSON.parse(readFileSync(this.recordPath, 'utf8')) as UploadResumeData
  }

  /** Another run of the program. */
  session(changes: ConfigurationChanges = {}): Session {
    const {configuration = {}, delegate = {}, kind = 'default', keyWanted} = this.#options
    const resumeDataKey = (): Buffer => {
      keyWanted?.()
      return signingKey
    }
    const keys = SessionConfiguration[kind]({
      retry: {attempts: 0, delay: 0.001},
      timeouts: {idle: 5, connect: 1}
    })
    const session = new Session(
      keys.with(configuration).with(changes),
      watchedDelegate({
        didResumeAtOffset: (_task, resumption) => void this.resumptions.push(resumption),
        didSendBodyData: (_task, progress) => void this.sent.push(progress),
        ...delegate
      }),
      {resumeDataKey, didUpdateResumeData: (_task, path) => void this.updates.push(path)}
    )
    onTestFinished(() => session.invalidateAndCancel())
    return session
  }

  /** Begins to send F to /U, as the same command each time. */
  start(
    {
      method = 'PUT',
      headers = [],
      query = '',
      path = this.file,
      lifetime = 'user',
      ...options
    }: UploadScene = {},
    session = this.session()
  ): UploadTask {
    const source: UploadSource = {kind: 'file', path, lifetime}
    const request = urlRequest(this.origin.url(`/U${query}`), {method, headers})
    const task = session.uploadTask(request, {source, resumeDataFolder: this.records, ...options})
    task.resume()
    return task
  }

  upload(scene: UploadScene = {}, session = this.session()): Promise<TaskOutcome> {
    return this.start(scene, session).outcome
  }

  /** Continues resume data as `ferry resume` does. */
  async resume(options: ResumeUploadOptions = {}, path = this.recordPath): Promise<TaskOutcome> {
    const task = await this.session().uploadTaskWithResumeData(path, options)
    task.resume()
    return task.outcome
  }
}

/** Opens a stage that is taken down with the test. */
export async function openWalkStage(options: StageOptions = {}): Promise<WalkStage> {
  const origin = await startOrigin()
  onTestFinished(() => origin.close())
  return new WalkStage(origin, options)
}
