import {writeFileSync} from 'node:fs'
import {expect, onTestFinished, vi} from 'vitest'
import type {LiveFerry} from '../cli-run/ferry.ts'
import {startDraftServer} from '../resumable-upload/draft-server.ts'
import type {DraftServer, DraftServerOptions} from '../resumable-upload/draft-server.ts'
import type {UploadResource} from '../resumable-upload/upload-resource.ts'
import {patience} from '../scratch/patience.ts'
import {Crossing, firstBytes, whole} from './crossing.ts'
import type {Listed} from './crossing.ts'

/** What a server says of an upload that has come whole. */
export const answer = 'stored\n'

/** One user's machine with the file F, and a server that takes the first bytes of it and then no more, once. */
export class UploadCrossing extends Crossing {
  readonly server: DraftServer

  constructor(server: DraftServer) {
    super()
    this.server = server
    writeFileSync(this.path('F'), whole)
  }

  get url(): string {
    return this.server.url('/F')
  }

  get resource(): UploadResource {
    const resource = this.server.resources.at(-1)
    if (!resource) throw new Error('The server has created no upload')
    return resource
  }

  /** Starts an upload of F and waits until others can see it, and the server has taken what it will. */
  async startUpload(flags: readonly string[] = []): Promise<LiveFerry> {
    const ferry = this.start(['upload', ...flags, 'F', this.url])
    await vi.waitFor(() => expect(this.resource.offset).toBe(firstBytes), patience)
    await this.isSeen(['pause', 'cancel'])
    return ferry
  }

  /** The same, paused: resolves to its task. */
  async pausedUpload(flags: readonly string[] = []): Promise<Listed> {
    const ferry = await this.startUpload(flags)
    expect(await this.run(['pause', '--all'])).toMatchObject({code: 0})
    expect(await ferry.done).toMatchObject({code: 114})
    return this.task()
  }

  /** Resolves to the one task that runs, once it can be seen and this can be done with it. */
  async isSeen(actions: readonly string[]): Promise<Listed> {
    return vi.waitFor(async () => {
      const task = await this.task()
      expect(task).toMatchObject({actions, pid: expect.any(Number) as number})
      return task
    }, patience)
  }

  /** The server has the file, and each of its bytes was stored once. */
  expectStored(): void {
    const {stored, content, isComplete} = this.resource
    expect(isComplete).toBe(true)
    expect(content.equals(whole)).toBe(true)
    expect(stored.reduce((sum, {first, end}) => sum + end - first, 0)).toBe(whole.length)
  }
}

/** A server that stalls the first upload half-way. */
export async function uploadCrossing(options: DraftServerOptions = {}): Promise<UploadCrossing> {
  const server = await startDraftServer({
    faults: {create: [{after: firstBytes, connection: 'stall'}]},
    target: () => ({status: 201, body: answer}),
    ...options
  })
  onTestFinished(() => server.close())
  return new UploadCrossing(server)
}
