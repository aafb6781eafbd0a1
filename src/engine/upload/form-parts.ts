import {basename} from 'node:path'
import {formatFormData} from '../fields/form-data.ts'
import type {BodyReading, NewBodyReason} from '../request-body.ts'
import {TransferError} from '../transfer-error.ts'
import type {FormField} from '../upload-task.ts'
import {dataPieces} from './data-source.ts'
import {examine} from './file-identity.ts'
import {filePieces} from './file-pieces.ts'
import type {PieceBuffers} from './piece-buffers.ts'
import type {Readings} from './readings.ts'
import {specialFileReadings} from './special-file.ts'

const control = /[\x00-\x08\x0A-\x1F\x7F]/

/** A stretch of an encoded form. */
export interface FormPart {
  /** Bytes; undefined = known at its end only. */
  readonly length: number | undefined
  read(occasion: {reason: NewBodyReason; buffers: PieceBuffers}): BodyReading
  readonly prepare?: Readings['prepare']
}

/** One field of a form: its head, its content, and the end of its last line. Rejects with READ_FAILED or USAGE. */
export async function formParts(field: FormField, boundary: string): Promise<readonly FormPart[]> {
  const content = await contentOf(field)
  const fileName =
    field.value.kind === 'file' ? (field.fileName ?? basename(field.value.path)) : field.fileName
  const type = field.contentType ?? (fileName === undefined ? undefined : await typeOf(fileName))
  if (type !== undefined && control.test(type)) {
    const message = `The content type of the field ${JSON.stringify(field.name)} has a control character`
    throw new TransferError('USAGE', message)
  }
  const head = [
    `--${boundary}`,
    `Content-Disposition: ${formatFormData({name: field.name, fileName})}`,
    ...(type === undefined ? [] : [`Content-Type: ${type}`])
  ]
  return [text(`${head.join('\r\n')}\r\n\r\n`), content, text('\r\n')]
}

/** What follows the last field. */
export function closing(boundary: string): FormPart {
  return text(`--${boundary}--\r\n`)
}

async function contentOf({value}: FormField): Promise<FormPart> {
  if (value.kind === 'text') return text(value.text)
  if (value.kind === 'data') return bytes(value.data)
  const found = await examine(value.path)
  if (found.kind === 'stream') {
    const {read, prepare} = specialFileReadings(found.path)
    return {length: undefined, read: ({reason}) => read(reason), prepare}
  }
  const {identity} = found
  return {
    length: identity.size,
    read: ({buffers}) => filePieces(identity, {extent: {first: 0, end: identity.size}, buffers})
  }
}

async function typeOf(fileName: string): Promise<string> {
  const {default: types} = await import('mime')
  // Without a folder before it, a name without a dot is taken for an extension.
  return types.getType(`./${fileName}`) ?? 'application/octet-stream'
}

function text(value: string): FormPart {
  return bytes(Buffer.from(value))
}

function bytes(data: Uint8Array): FormPart {
  return {length: data.length, read: () => dataPieces(data)}
}
