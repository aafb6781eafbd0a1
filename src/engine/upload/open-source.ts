import type {RequestBody} from '../request-body.ts'
import type {FormField, UploadTask} from '../upload-task.ts'
import {dataPieces} from './data-source.ts'
import {examine} from './file-identity.ts'
import {fileSource} from './file-source.ts'
import type {FileSource} from './file-source.ts'
import {encodeForm} from './form-source.ts'
import {pieceLength} from './piece-length.ts'
import type {Readings} from './readings.ts'
import {sourceBody} from './source-body.ts'
import {specialFileReadings} from './special-file.ts'
import {streamReadings} from './stream-source.ts'

/** What an upload sends, looked at and ready to be read. */
export interface OpenedSource {
  /** The whole of it. */
  readonly body: RequestBody
  /** Where it is a file that is read from any place: what can be continued. */
  readonly file: FileSource | undefined
  /** Content-Type that the body needs to be understood: that of a form, with its boundary. */
  readonly contentType: string | undefined
  /** Before it is read again: rejects with READ_FAILED where it cannot be. Undefined: it always can. */
  readonly prepare?: Readings['prepare'] | undefined
  close(): void
}

/**
 * Opens a task's source and says how much there is to send (task.countOfBytesExpectedToSend). Rejects with READ_FAILED
 * before anybody is asked anything. Pipes and devices are streams, whatever their names.
 */
export async function openBody(task: UploadTask): Promise<OpenedSource> {
  const opened = await openSource(task)
  task.countOfBytesExpectedToSend = opened.body.length
  return opened
}

async function openSource(task: UploadTask): Promise<OpenedSource> {
  const {source} = task
  switch (source.kind) {
    case 'file':
      return openFile(task, source.path)
    case 'data':
      return plain(
        sourceBody(task, {
          length: source.data.length,
          first: 0,
          announced: 'again',
          read: () => dataPieces(source.data, pieceLength(task))
        })
      )
    case 'stream':
      return openStream(task, streamReadings(task, source.length), source.length)
    case 'form':
      return openForm(task, source.fields)
  }
}

async function openFile(task: UploadTask, path: string): Promise<OpenedSource> {
  const found = await examine(path)
  if (found.kind === 'stream') {
    return openStream(task, specialFileReadings(found.path))
  }
  const file = fileSource(task, found.identity)
  return {body: file.body({first: 0}), file, contentType: undefined, close: () => file.close()}
}

async function openForm(task: UploadTask, fields: readonly FormField[]): Promise<OpenedSource> {
  return {...(await encodeForm(task, fields)), file: undefined, close: () => {}}
}

function openStream(task: UploadTask, {read, prepare}: Readings, length?: number): OpenedSource {
  return {...plain(sourceBody(task, {length, first: 0, announced: 'always', read})), prepare}
}

function plain(body: RequestBody): OpenedSource {
  return {body, file: undefined, contentType: undefined, close: () => {}}
}
