import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import type {FileStore} from '@tus/file-store'
import {Server} from '@tus/server'
import type {ServerOptions} from '@tus/server'
import {expect, onTestFinished} from 'vitest'
import {SessionConfiguration, urlRequest} from '../../src/engine/index.ts'
import type {
  ConfigurationChanges,
  HeaderField,
  SessionDelegate,
  TaskOutcome,
  UploadOptions,
  UploadResumeData,
  UploadTask
} from '../../src/engine/index.ts'
import {digestOf, signingKey} from '../engine/download/stage.ts'
import {quick, RecordedSession} from '../engine/recorded-session.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {startCuttingProxy} from './cutting-proxy.ts'
import type {CuttingProxy} from './cutting-proxy.ts'
import {WatchedStore} from './watched-store.ts'

interface StageOptions {
  readonly server?: Partial<ServerOptions>
  readonly expiration?: number
  readonly configuration?: ConfigurationChanges
  readonly delegate?: SessionDelegate
  /** Bytes of the file. */
  readonly size?: number
}

export interface UploadRun extends UploadOptions {
  readonly headers?: readonly HeaderField[]
}

/** The reference server with its file store, a proxy before it that cuts connections, and a file F to send. */
export class TusStage {
  readonly store: WatchedStore
  readonly proxy: CuttingProxy
  readonly content: Buffer
  readonly folder = scratchFolder()
  readonly records = join(scratchFolder(), 'uploads')
  /** What was asked and answered: "PATCH 204". */
  readonly story: string[] = []
  readonly recorded: RecordedSession
  readonly #options: StageOptions

  constructor(store: WatchedStore, proxy: CuttingProxy, options: StageOptions) {
    this.store = store
    this.proxy = proxy
    this.#options = options
    this.content = seededBytes(options.size ?? 300_000, 5)
    writeFileSync(this.file, this.content)
    this.recorded = this.session()
  }

  get file(): string {
    return join(this.folder, 'F')
  }

  /** Where uploads are created. */
  get collection(): URL {
    return new URL(`http://127.0.0.1:${this.proxy.port}/files/`)
  }

  get record(): UploadResumeData | undefined {
    const [name] = this.recordNames
    return name === undefined
      ? undefined
      : (JSON.parse(readFileSync(join(this.records, name), 'utf8')) as UploadResumeData)
  }

  get recordNames(): string[] {
    if (!existsSync(this.records)) return []
    return readdirSync(this.records).filter(name => name.endsWith('.ferry'))
  }

  /** Names of what the server keeps, without what it says about it. */
  get kept(): string[] {
    return readdirSync(this.store.directory).filter(name => !name.endsWith('.json'))
  }

  /** Another run of the program. */
  session(): RecordedSession {
    const {configuration = {}, delegate = {}} = this.#options
    const keys = SessionConfiguration.default(quick).with({
      retry: {attempts: 3, delay: 0.01},
      uploads: {resumable: 'tus'}
    })
    const recorded = new RecordedSession(keys.with(configuration), delegate, {
      resumeDataKey: () => signingKey
    })
    onTestFinished(() => recorded.session.invalidateAndCancel())
    return recorded
  }

  start({headers = [], ...options}: UploadRun = {}, recorded = this.recorded, path = this.file): UploadTask {
    const request = urlRequest(new URL('F', this.collection), {method: 'PUT', headers})
    const task = recorded.session.uploadTask(request, {
      source: {kind: 'file', path},
      collection: this.collection,
      resumeDataFolder: this.records,
      ...options
    })
    task.resume()
    return task
  }

  send(scene: UploadRun = {}, recorded = this.recorded, path = this.file): Promise<TaskOutcome> {
    return this.start(scene, recorded, path).outcome
  }

  /** The server has the file, has stored each of its bytes once, and nothing of it is left to be continued. */
  expectWhole(): void {
    const [name = ''] = this.kept
    expect(this.kept).toHaveLength(1)
    expect(digestOf(readFileSync(join(this.store.directory, name)))).toBe(digestOf(this.content))
    let end = 0
    for (const span of this.store.spans) {
      expect(span.first).toBe(end)
      end = span.end
    }
    expect(end).toBe(this.content.length)
    expect(this.recordNames).toEqual([])
  }
}

/** Opens a stage that is taken down with the test. */
export async function openTusStage(options: StageOptions = {}): Promise<TusStage> {
  const {expiration} = options
  const store = new WatchedStore({
    directory: scratchFolder(),
    ...(expiration === undefined ? {} : {expirationPeriodInMilliseconds: expiration})
  })
  const tus = new Server({path: '/files', datastore: store, ...options.server} as ServerOptions & {
    datastore: FileStore
  })
  let stage: TusStage | undefined
  const server = createServer((request, response) => {
    response.on('finish', () => stage?.story.push(`${request.method} ${response.statusCode}`))
    void tus.handle(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const proxy = await startCuttingProxy((server.address() as AddressInfo).port)
  stage = new TusStage(store, proxy, options)
  return stage
}
