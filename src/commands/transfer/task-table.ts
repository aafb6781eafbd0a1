import {basename} from 'node:path'
import type {ListedTask} from '../../control/task-record.ts'
import {displayWidth, truncateMiddle} from '../../ui/fit.ts'
import {printable} from '../../ui/printable.ts'
import {formatBytes} from '../../ui/units.ts'

const headings = ['TASK', 'STATE', 'DONE', 'SIZE', 'NAME', 'NEXT'] as const

const nameColumn = headings.indexOf('NAME')
const gap = '  '
const readableName = 12

/** The tasks as a table for a person; names give way where the columns of a terminal are given. Safe to print. */
export function taskTable(tasks: readonly ListedTask[], columns = Infinity): readonly string[] {
  const rows = [headings, ...tasks.map(rowOf)]
  const widths = headings.map((_, column) => Math.max(...rows.map(row => displayWidth(row[column] ?? ''))))
  const others =
    widths.reduce((sum, width) => sum + width + gap.length, -gap.length) - (widths[nameColumn] ?? 0)
  const room = Math.max(readableName, columns - others)
  return rows.map(row =>
    row
      .map((cell, column) => padded(cell, {column, widths, room}))
      .join(gap)
      .trimEnd()
  )
}

interface Layout {
  readonly column: number
  readonly widths: readonly number[]
  /** Columns for the name. */
  readonly room: number
}

function padded(cell: string, {column, widths, room}: Layout): string {
  const width = column === nameColumn ? Math.min(room, widths[column] ?? 0) : (widths[column] ?? 0)
  const short = column === nameColumn ? truncateMiddle(cell, width) : cell
  return short + ' '.repeat(Math.max(0, width - displayWidth(short)))
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
