import {readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import {FileStore} from '@tus/file-store'

type Upload = Parameters<FileStore['create']>[0]

/** Which bytes of an upload one request has brought to the disk. */
export interface Span {
  readonly first: number
  readonly end: number
}

/** One upload as the server has it. */
export interface KeptUpload {
  readonly size: number
  readonly spans: Span[]
}

/** The file store, which writes down what each request has stored. */
export class WatchedStore extends FileStore {
  /** By name. */
  readonly uploads = new Map<string, KeptUpload>()
  /** Requests whose content is coming in. */
  receiving = 0

  /** What was stored, over all uploads, in the order of arrival. */
  readonly spans: Span[] = []

  override create(upload: Upload): Promise<Upload> {
    this.uploads.set(upload.id, {size: upload.size ?? 0, spans: []})
    return super.create(upload)
  }

  override async write(readable: Readable, id: string, offset: number): Promise<number> {
    this.receiving += 1
    try {
      return await super.write(readable, id, offset)
    } finally {
      this.receiving -= 1
      const span = {first: offset, end: statSync(join(this.directory, id)).size}
      this.spans.push(span)
      this.uploads.get(id)?.spans.push(span)
    }
  }

  contentOf(id: string): Buffer {
    return readFileSync(join(this.directory, id))
  }
}
