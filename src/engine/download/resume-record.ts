import {basename, dirname} from 'node:path'
import type {DownloadResumeData} from '../download-resume-data.ts'
import {recordedRequest} from '../recorded-request.ts'
import {resumeDataVersion} from '../resume-data.ts'
import type {Draft} from './draft.ts'

const emptyTail = {length: 0, sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'}

/** The resume data of a draft: what a later task has to know, and no secret. */
export function describeDraft(
  draft: Draft,
  {state, received}: {state: DownloadResumeData['state']; received: number}
): DownloadResumeData {
  const {task, part} = draft
  const {options} = task
  const isBeside = dirname(draft.sidecar.path) === dirname(draft.path)
  return {
    format: 'ferry-resume-data',
    version: resumeDataVersion,
    kind: 'download',
    generation: draft.sidecar.generation,
    taskId: task.id,
    label: options.label ?? null,
    session: task.session.environment.name ?? task.session.configuration.kind,
    state,
    written: Date.now(),
    originalRequest: {...recordedRequest(task), method: 'GET'},
    response: describeResponse(draft),
    total: draft.total ?? null,
    bytesReceived: received,
    tail: received > 0 && part ? part.tail(received) : emptyTail,
    partial: {
      name: basename(part?.path ?? draft.staged.path),
      ...(part?.identity() ?? {device: 0, inode: 0})
    },
    destination: {
      name: basename(draft.path),
      directory: isBeside ? null : dirname(draft.path),
      ifExists: draft.place.existing === 'replace' ? 'replace' : (options.ifExists ?? 'fail'),
      remoteTime: options.remoteTime ?? false,
      requireLength: options.requireLength ?? false,
      checksums: options.checksums ?? []
    }
  }
}

function describeResponse({response, representation, task}: Draft): DownloadResumeData['response'] {
  const {entityTag, lastModified, date} = representation.validators
  return {
    url: withoutQuery(response?.url ?? task.originalRequest.url),
    status: response?.status ?? 0,
    entityTag: entityTag ?? null,
    lastModified: lastModified ?? null,
    date: date ?? null,
    acceptRanges: representation.acceptRanges ?? null
  }
}

function withoutQuery(url: URL): string {
  return `${url.origin}${url.pathname}`
}
