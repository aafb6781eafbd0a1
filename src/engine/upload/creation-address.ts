import type {UploadTask} from '../upload-task.ts'

/** Where a server is asked for an upload, and for what it supports there. */
export function creationAddress({options, originalRequest}: UploadTask): URL {
  return options.collection ?? originalRequest.url
}
