import type {Task} from '../../engine/index.ts'
import {isDownloadTask} from '../../ui/task-record.ts'

/**
 * The one way to stop early, for ^C, SIGTERM, SIGHUP and --fail-early: downloads leave resume data where they can,
 * everything else ends.
 */
export async function stopTasks(tasks: readonly Task[]): Promise<void> {
  await Promise.all(
    tasks.map(async task => {
      if (isDownloadTask(task)) await task.cancelByProducingResumeData('cancel')
      else task.cancel()
    })
  )
}
