import {basename} from 'node:path'
import type {ListedTask, TaskRecord} from '../../control/task-record.ts'
import {displayWidth, truncateMiddle} from '../../ui/fit.ts'
import {printable} from '../../ui/printable.ts'
import {formatBytes} from '../../ui/units.ts'
import {urlName} from '../../ui/url-name.ts'

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
  const whole = tasks.map(task => rowOf(task, ` ${task.id}`))
  const widths = widthsOf(whole)
  const longestName = widths[nameColumn] ?? 0
  if (roomForName(widths, columns) >= Math.min(longestName, readableName))
    return drawn(whole, {widths, columns})
  const rows = tasks.map(task => rowOf(task, ''))
  return drawn(rows, {widths: widthsOf(rows), columns})
}

function drawn(
  rows: readonly Row[],
  {widths, columns}: {widths: readonly number[]; columns: number}
): readonly string[] {
  const nameWidth = Math.max(0, Math.min(widths[nameColumn] ?? 0, roomForName(widths, columns)))
  const final = widths.with(nameColumn, nameWidth)
  return [headings, ...rows].map(row =>
    row
      .map((cell, column) => padded(cell, final[column] ?? 0))
      .join(gap)
      .trimEnd()
  )
}

/** How wide each column has to be. One pass: there may be thousands of rows. */
function widthsOf(rows: readonly Row[]): readonly number[] {
  const widths: number[] = headings.map(heading => heading.length)
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell))
  }
  return widths
}

function roomForName(widths: readonly number[], columns: number): number {
  const others = widths.with(nameColumn, 0)
  return columns - others.reduce((sum, width) => sum + width + gap.length, -gap.length)
}

function padded(cell: string, width: number): string {
  const taken = displayWidth(cell)
  if (taken <= width) return cell + ' '.repeat(width - taken)
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

/**
 * What a person knows a task by: the word chosen for it, its file, as the address has it where nobody knows more, or the
 * address. Safe to print.
 */
export function listedName({label, kind, path, source, url}: TaskRecord): string {
  if (label !== undefined) return printable(label)
  const file = path ?? source
  if (!file) return printable(kind === 'download' && URL.canParse(url) ? urlName(new URL(url)) : url)
  return file === '-' ? 'standard input' : printable(basename(file))
}
