import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {readResumeData} from '../../../engine/index.ts'
import type {BackgroundTask} from '../background-task.ts'
import type {Work} from '../submission.ts'

/**
 * The resume data that a task has left on disk, where its daemon was killed between writing it and noting that: the one
 * that names the task. Undefined: there is none. Never rejects.
 */
export async function findOwnResumeData(
  {submitted: {id, work}}: BackgroundTask,
  key: Uint8Array | undefined
): Promise<string | undefined> {
  for (const path of await placesOf(work)) {
    const read = await readResumeData(path, key).catch(() => undefined)
    if (read?.origin === 'own' && read.data.taskId === id) return path
  }
  return undefined
}

// The server may have chosen the file's name, and another transfer of the same file the first name of the resume data.
async function placesOf(work: Work): Promise<readonly string[]> {
  if (work.kind === 'continue') return [work.resumeData]
  const {resumeDataPath} = work.options
  if (resumeDataPath !== undefined) return [resumeDataPath]
  const folder = work.kind === 'download' ? work.options.directory : work.options.resumeDataFolder
  if (folder === undefined) return []
  const names = await readdir(folder).catch(() => [])
  return names.filter(name => name.endsWith('.ferry')).map(name => join(folder, name))
}
