import type {DownloadTask, Task, UploadTask} from '../engine/index.ts'

export function isDownloadTask(task: Task): task is DownloadTask {
  return task.kind === 'download'
}

export function isUploadTask(task: Task): task is UploadTask {
  return task.kind === 'upload'
}
