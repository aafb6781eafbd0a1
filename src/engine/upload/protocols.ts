import {askedRequest} from '../data/decoding.ts'
import type {UploadResumeData} from '../upload-resume-data.ts'
import type {UploadTask} from '../upload-task.ts'
import {chosenWay} from './chosen-way.ts'
import type {FileSource} from './file-source.ts'
import {isProtocolField} from './protocol-field.ts'
import {ietfProtocol} from './resumable-upload.ts'
import type {UploadProtocol} from './upload-protocol.ts'
import {
  findUploadSupport,
  forgetUploadSupport,
  knownUploadSupport,
  noteUploadSupport,
  supportOfBegun
} from './upload-support.ts'
import type {UploadSupport} from './upload-support.ts'

/** How a file is sent that nothing was sent of yet; undefined: as the body of one ordinary request. */
export async function chooseProtocol(
  task: UploadTask,
  {size}: FileSource
): Promise<UploadProtocol | undefined> {
  const {resumable} = chosenWay(task)
  switch (resumable) {
    case 'none':
      return undefined
    case 'auto': {
      if (speaksForItself(task)) return undefined
      const support = await findUploadSupport(task, size)
      return support?.protocol === 'tus' ? tus(task, support) : ietf(task, support)
    }
    case 'tus':
      return tus(task, await knownUploadSupport(task, size))
    case 'ietf':
      return ietf(task, await knownUploadSupport(task, size))
  }
}

// Whoever writes the fields of a protocol speaks it himself, and nothing of ours comes in between.
function speaksForItself(task: UploadTask): boolean {
  return askedRequest(task).headers.some(([name]) => isProtocolField(name))
}

/** The protocol that an upload began with. */
export async function protocolOf(
  task: UploadTask,
  {protocol, interopVersion, source}: UploadResumeData
): Promise<UploadProtocol> {
  const support = await supportOfBegun(task, source.size)
  return protocol === 'tus' ? tus(task, support) : ietf(task, support, interopVersion ?? undefined)
}

/** tus, after the server has said that it speaks it: the next upload begins with it. */
export function turnToTus(task: UploadTask): Promise<UploadProtocol> {
  noteUploadSupport(task, {protocol: 'tus', offer: undefined})
  return tus(task, undefined)
}

/** The server has refused to begin an upload as it was known to want them: the next one asks again. */
export function forgetProtocol(task: UploadTask): void {
  forgetUploadSupport(task)
}

function ietf(
  task: UploadTask,
  support: UploadSupport | undefined,
  interopVersion = chosenWay(task).interopVersion
): UploadProtocol {
  return ietfProtocol(task, {interopVersion, limit: support?.protocol === 'ietf' ? support.limit : undefined})
}

async function tus(task: UploadTask, support: UploadSupport | undefined): Promise<UploadProtocol> {
  // Most servers speak none of it.
  const {tusProtocol} = await import('./tus.ts')
  return tusProtocol(task, {offer: support?.protocol === 'tus' ? support.offer : undefined})
}
