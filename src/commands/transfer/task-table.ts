import {basename} from 'node:path'
import type {ListedTask} from '../../control/task-record.ts'
import {printable} from '../../ui/printable.ts'
import {formatBytes} from '../../ui/units.ts'

const headings = ['TASK', 'STATE', 'DONE', 'SIZE', 'NAME', 'NEXT'] as const

/** The tasks as a table for a person. Safe to print. */
export function taskTable(tasks: readonly ListedTask[]): readonly string[] {
  const rows = [headings, ...tasks.map(rowOf)]
  const widths = headings.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  )
}

function rowOf(task: ListedTask): readonly string[] {
  const {bytes, total} = task
  const percent = total === null || total === 0 ? '-' : `${Math.floor((bytes / total) * 100)}%`
  const size = total === null ? formatBytes(bytes) : formatBytes(total)
  const name = printable(task.path === null ? task.url : basename(task.path))
  return [task.id, task.state, percent, size, name, next(task)]
}

function next({id, actions}: ListedTask): string {
  const action = actions[0]
  return action === undefined ? '' : `ferry ${action} ${id}`
}
