import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, onTestFinished} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {
  ConfigurationChanges,
  HeaderField,
  SessionDelegate,
  TaskOutcome,
  UploadOptions,
  UploadTask
} from '../../../src/engine/index.ts'
import type {Handler} from '../../origin/connection.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import type {Incoming} from '../../resumable-upload/incoming.ts'
import {startDraftServer} from '../../resumable-upload/draft-server.ts'
import type {DraftServer, DraftServerOptions} from '../../resumable-upload/draft-server.ts'
import type {UploadResource} from '../../resumable-upload/upload-resource.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {digestOf, signingKey} from '../download/stage.ts'
import {quickConfiguration, RecordedSession} from '../recorded-session.ts'

interface StageOptions {
  readonly server?: DraftServerOptions
  readonly uploads?: ConfigurationChanges['uploads']
  readonly configuration?: ConfigurationChanges
  readonly delegate?: SessionDelegate
  /** Bytes of the file. */
  readonly size?: number
}

interface Scene extends UploadOptions {
  readonly method?: string
  /** Of the server, or a whole address. */
  readonly path?: string
  readonly headers?: readonly HeaderField[]
}

/** A server of the draft, a file, and a session that speaks the server's version and tries again at once. */
export class ResumableStage {
  readonly server: DraftServer
  readonly recorded: RecordedSession
  readonly content: Buffer
  readonly folder = scratchFolder()

  constructor(server: DraftServer, {uploads, configuration, delegate = {}, size = 200_000}: StageOptions) {
    this.server = server
    this.content = seededBytes(size, 1)
    writeFileSync(this.file, this.content)
    const keys = quickConfiguration({
      retry: {attempts: 3, delay: 0.01},
      uploads: {resumable: 'ietf', interopVersion: server.dialect.version, ...uploads}
    }).with(configuration ?? {})
    this.recorded = new RecordedSession(keys, delegate, {resumeDataKey: () => signingKey})
  }

  get file(): string {
    return join(this.folder, 'F')
  }

  get resumeData(): string {
    return join(this.folder, 'F.ferry')
  }

  start({method = 'PUT', path = '/U', headers = [], ...options}: Scene = {}): UploadTask {
    const url = URL.canParse(path) ? path : this.server.url(path)
    const request = urlRequest(url, {method, headers})
    const source = {kind: 'file', path: this.file} as const
    const task = this.recorded.session.uploadTask(request, {
      source,
      resumeDataPath: this.resumeData,
      ...options
    })
    task.resume()
    return task
  }

  async send(scene: Scene = {}): Promise<TaskOutcome> {
    return this.start(scene).outcome
  }

  /** The only upload that the server has begun. */
  get resource(): UploadResource {
    const [resource, ...others] = this.server.resources
    if (!resource || others.length > 0)
      throw new Error(`The server has begun ${this.server.resources.length} uploads`)
    return resource
  }

  /** What was asked, in order, with its answers: "create 201". */
  get story(): string[] {
    return this.server.log.map(({kind, status}) => (status === undefined ? kind : `${kind} ${status}`))
  }

  /** The only request of its kind. */
  only(kind: Incoming['kind']): Incoming {
    const [incoming, ...others] = this.server.of(kind)
    if (!incoming || others.length > 0)
      throw new Error(`The server has seen ${this.server.of(kind).length} x ${kind}`)
    return incoming
  }

  /** Answers every upload to /U with interim answers, of which each has such headers, takes all of it and hangs up. */
  interruptAfter(...interim: readonly Readonly<Record<string, string>>[]): void {
    const breaks: Handler = async (request, reply) => {
      for (const headers of interim) await reply.informational(104, headers)
      await request.untilReceived(70_000)
      await reply.reset()
    }
    this.server.origin.on('/U', breaks, 'head')
  }

  /** The server has the file, and has stored each byte once. */
  expectWhole(): void {
    expect(digestOf(this.resource.content)).toBe(digestOf(this.content))
    expect(this.resource.isComplete).toBe(true)
    const stored = this.resource.stored.reduce((sum, {first, end}) => sum + end - first, 0)
    expect(stored).toBe(this.content.length)
  }
}

/** Opens a stage that is taken down with the test; rules of the draft that the client has broken fail it. */
export async function openStage(options: StageOptions = {}): Promise<ResumableStage> {
  const server = await startDraftServer(options.server)
  onTestFinished(() => server.close())
  const stage = new ResumableStage(server, options)
  onTestFinished(() => stage.recorded.session.invalidateAndCancel())
  return stage
}
