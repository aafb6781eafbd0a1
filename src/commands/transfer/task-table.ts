import {basename} from 'node:path'
import type {ListedTask, TaskRecord} from '../../control/task-record.ts'
import {displayWidth, truncateMiddle} from '../../ui/fit.ts'
import {printable} from '../../ui/printable.ts'
import {formatBytes} from '../../ui/units.ts'

const headings = ['TASK', 'STATE', 'DONE', 'SIZE', 'NAME', 'NEXT'] as const
const nameColumn = headings.indexOf('NAME')
const gap = '  '
const readableName = 24

type Row = readonly string[]

/**
 * The tasks as a table for a person. Where the columns of a terminal are given and too few, what to do next is said
 * without the id, which begins the line, and then names give way. Safe to print.
 */
export function taskTable(tasks: readonly ListedTask[], columns = Infinity): readonly string[] {
  const whole = [headings, ...tasks.map(task => rowOf(task, ` ${task.id}`))]
  const longestName = widthOf(whole, nameColumn)
  const isRoomy = roomForName(whole, columns) >= Math.min(longestName, readableName)
  const rows = isRoomy ? whole : [headings, ...tasks.map(task => rowOf(task, ''))]
  const nameWidth = Math.max(0, Math.min(longestName, roomForName(rows, columns)))
  const widths = headings.map((_, column) => (column === nameColumn ? nameWidth : widthOf(rows, column)))
  return rows.map(row =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join(gap)
      .trimEnd()
  )
}

function roomForName(rows: readonly Row[], columns: number): number {
  const others = headings.map((_, column) => (column === nameColumn ? 0 : widthOf(rows, column)))
  return columns - others.reduce((sum, width) => sum + width + gap.length, -gap.length)
}

function widthOf(rows: readonly Row[], column: number): number {
  return Math.max(...rows.map(row => displayWidth(row[column] ?? '')))
}

function padded(cell: string, width: number): string {
  const short = truncateMiddle(cell, width)
  return short + ' '.repeat(width - displayWidth(short))
}

function rowOf(task: ListedTask, id: string): Row {
  const {bytes, total} = task
  const percent = total === null || total === 0 ? '-' : `${Math.floor((bytes / total) * 100)}%`
  const known = total ?? (bytes === 0 ? null : bytes)
  const size = known === null ? '-' : formatBytes(known)
  const name = listedName(task)
  const action = task.actions[0]
  return [task.id, task.state, percent, size, name, action === undefined ? '' : `ferry ${action}${id}`]
}

/** What a person knows a task by: its file, or the address. Safe to print. */
export function listedName({path, source, url}: TaskRecord): string {
  const file = path ?? source
  if (!file) return printable(url)
  return file === '-' ? 'standard input' : printable(basename(file))
}
