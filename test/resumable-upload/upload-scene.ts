import {onTestFinished} from 'vitest'
import type {DraftVersion} from './dialect.ts'
import {startDraftServer} from './draft-server.ts'
import type {DraftServer, DraftServerOptions} from './draft-server.ts'
import {RawUploadClient} from './raw-upload-client.ts'
import type {RawAnswer} from './raw-upload-client.ts'
import type {UploadResource} from './upload-resource.ts'

type Fields = Readonly<Record<string, string>>

/** A server of the draft with raw clients that speak its version. */
export class UploadScene {
  readonly server: DraftServer
  readonly #version: DraftVersion

  constructor(server: DraftServer) {
    this.server = server
    this.#version = server.dialect.version
  }

  get resource(): UploadResource {
    const [resource] = this.server.resources
    if (!resource) throw new Error('The server has created no upload')
    return resource
  }

  async client(): Promise<RawUploadClient> {
    const client = await RawUploadClient.open(this.server.origin.port)
    onTestFinished(() => client.drop())
    return client
  }

  /** Fields of a request that begins an upload. */
  creation(fields: Fields = {}): Fields {
    return {'upload-draft-interop-version': String(this.#version), 'upload-complete': '?1', ...fields}
  }

  /** Fields of a request that goes on with one. */
  append(offset: number, fields: Fields = {}): Fields {
    const type = this.server.dialect.mediaType
    return this.creation({'upload-offset': String(offset), ...(type && {'content-type': type}), ...fields})
  }

  /** Asks the first upload something on a connection of its own. */
  async ask(method: string, fields: Fields = {}, content = ''): Promise<RawAnswer | undefined> {
    const client = await this.client()
    const version = {'upload-draft-interop-version': String(this.#version)}
    client.send(`${method} ${this.resource.path}`, {...version, ...fields}, content)
    return client.final(method)
  }

  /** An upload of ten bytes, five of which have arrived when the connection breaks. */
  async interrupt(): Promise<void> {
    const client = await this.client()
    client.send('PUT /file', this.creation({'content-length': '10'}), '01234')
    await this.server.origin.untilRequests(1)
    await this.server.origin.requests[0]?.untilReceived(5)
    client.drop()
    await this.server.origin.untilIdle()
  }
}

export async function uploadScene(options: DraftServerOptions = {}): Promise<UploadScene> {
  const server = await startDraftServer(options)
  onTestFinished(() => server.close())
  return new UploadScene(server)
}
