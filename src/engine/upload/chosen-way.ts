import type {ConfigurationKeys} from '../configuration-keys.ts'
import type {UploadTask} from '../upload-task.ts'

/** What was chosen for an upload: by whoever wrote it down to begin later (R18), else by its session. */
export function chosenWay({
  continues,
  keys: {uploads}
}: UploadTask): Pick<ConfigurationKeys['uploads'], 'resumable' | 'interopVersion'> {
  const waiting = continues?.parts.length === 0 ? continues : undefined
  return {
    resumable: waiting?.protocol ?? uploads.resumable,
    interopVersion: waiting?.interopVersion ?? uploads.interopVersion
  }
}
