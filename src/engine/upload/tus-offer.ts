import type {Sending} from '../exchange/send.ts'
import {parseTusChecksumAlgorithm} from '../fields/tus-checksum-algorithm.ts'
import {parseTusExtension} from '../fields/tus-extension.ts'
import {parseTusMaxSize} from '../fields/tus-max-size.ts'
import {parseTusVersion} from '../fields/tus-version.ts'
import type {TusOffer} from '../storage/upload-support-store.ts'
import type {UploadTask} from '../upload-task.ts'
import {headerValue} from '../url-request.ts'
import type {URLResponse} from '../url-request.ts'
import {askTus, passOver} from './tus-request.ts'

/** What the answer to OPTIONS says. Undefined: whoever answered does not speak tus. */
export function tusOffer({status, headers}: Pick<URLResponse, 'status' | 'headers'>): TusOffer | undefined {
  const value = (name: string): string => headerValue(headers, name) ?? ''
  const speaks = ['tus-version', 'tus-resumable'].some(name => headerValue(headers, name) !== undefined)
  if (!speaks || status < 200 || status > 299) return undefined
  return {
    versions: parseTusVersion(value('tus-version')),
    extensions: parseTusExtension(value('tus-extension')),
    maxSize: parseTusMaxSize(value('tus-max-size')),
    checksumAlgorithms: parseTusChecksumAlgorithm(value('tus-checksum-algorithm'))
  }
}

const nothing: TusOffer = {
  versions: [],
  extensions: new Set(),
  maxSize: undefined,
  checksumAlgorithms: []
}

/** Asks for it. A server may answer OPTIONS with anything: then it offers no more than it has to. */
export async function askTusOffer(task: UploadTask, url: URL, sending?: Sending): Promise<TusOffer> {
  const answer = await askTus(task, {method: 'OPTIONS', url}, sending)
  await passOver(task, answer)
  return tusOffer(answer.response) ?? nothing
}
