import {basename} from 'node:path'
import type {Task, UploadSource} from '../engine/index.ts'
import {printable} from './printable.ts'
import {isDownloadTask, isUploadTask} from './task-kind.ts'
import {urlName} from './url-name.ts'

/** A short name for a person: the label, the file, what is sent, or the last part of the URL. Safe to print. */
export function transferName(task: Task): string {
  return printable(task.options.label ?? fileName(task) ?? urlName(task.originalRequest.url))
}

function fileName(task: Task): string | undefined {
  if (isUploadTask(task)) return sourceName(task.source)
  if (!isDownloadTask(task)) return undefined
  return task.path === undefined ? task.options.fileName : basename(task.path)
}

function sourceName(source: UploadSource): string {
  switch (source.kind) {
    case 'file':
      return source.lifetime === 'task' ? 'standard input' : basename(source.path)
    case 'stream':
      return 'standard input'
    case 'data':
      return 'data'
    case 'form':
      return source.fields.length === 1 ? 'form with 1 field' : `form with ${source.fields.length} fields`
  }
}
