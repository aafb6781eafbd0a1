import type {Case, Tool} from './cases.ts'
import type {Measurement} from './measure.ts'

/** What each tool needed, round by round: entries of one index were measured one after the other. */
export type Results = ReadonlyMap<Tool, readonly Measurement[]>

/** One case as Markdown. Ratios are medians of those within a round, so that a machine that gets slower spoils none. */
export function formatTable({title, goal}: Case, results: Results): string {
  const rows = [...results].map(([tool, measurements]) => {
    const walls = measurements.map(({wall}) => wall)
    const range = `${milliseconds(Math.min(...walls))} to ${milliseconds(Math.max(...walls))}`
    const ratios = [ratioOf(results, tool, 'curl')]
    if (goal.against !== 'curl') ratios.push(ratioOf(results, tool, goal.against))
    const cpu = defined(measurements.map(measurement => measurement.cpu))
    const memory = defined(measurements.map(({peakMemory}) => peakMemory))
    const costs = [cpu ? milliseconds(median(cpu)) : '-', memory ? mebibytes(Math.max(...memory)) : '-']
    return [tool, milliseconds(median(walls)), range, ...ratios.map(twoDigits), ...costs]
  })
  const against = goal.against === 'curl' ? ['to curl'] : ['to curl', `to ${goal.against}`]
  const heads = ['', 'time (median)', 'from, to', ...against, 'CPU', 'peak memory']
  const lines = [heads, heads.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
  const verdict = ratioOf(results, 'ferry', goal.against)
  const sentence = `ferry takes ${twoDigits(verdict)} x ${goal.against}; the goal is ${goal.ratio}.`
  return `## ${title}\n\n${lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')}\n\n${sentence}\n`
}

function ratioOf(results: Results, tool: Tool, other: Tool): number | undefined {
  const [ours, theirs] = [results.get(tool), results.get(other)]
  if (!ours || !theirs) return undefined
  return median(ours.map(({wall}, round) => wall / (theirs[round]?.wall ?? Number.NaN)))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

function defined(values: readonly (number | undefined)[]): readonly number[] | undefined {
  const known = values.filter(value => value !== undefined)
  return known.length > 0 ? known : undefined
}

function milliseconds(value: number): string {
  return value < 100 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`
}

function twoDigits(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2)
}
