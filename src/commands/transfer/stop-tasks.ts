import type {Task} from '../../engine/index.ts'
import {isDownloadTask, isUploadTask} from '../../ui/task-kind.ts'

/**
 * The one way to stop early, for ^C, SIGTERM, SIGHUP and --fail-early: downloads and uploads leave resume data where they
 * can, everything else ends.
 */
export async function stopTasks(tasks: readonly Task[]): Promise<void> {
  await Promise.all(
    tasks.map(async task => {
      if (isDownloadTask(task) || isUploadTask(task)) await task.cancelByProducingResumeData('cancel')
      else task.cancel()
    })
  )
}
