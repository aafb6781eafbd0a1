import {displayWidth} from '../../ui/fit.ts'
import type {Paint, Tone} from '../../ui/paint.ts'
import {printable} from '../../ui/printable.ts'
import {jsonDocument} from '../../ui/json-text.ts'
import type {Finding, Level, Topic} from './finding.ts'
import {topics} from './finding.ts'

/** What was found about one address, or (url undefined) about everything. */
export interface Section {
  /** Without secrets. */
  readonly url: string | undefined
  readonly findings: readonly Finding[]
}

export interface ReportStyle {
  /** Where lines are broken; undefined = nowhere. */
  readonly columns: number | undefined
  readonly paint: Paint
}

const titles: Readonly<Record<Topic, string>> = {
  ferry: 'Ferry',
  folders: 'Folders',
  environment: 'Environment',
  command: 'Command line',
  session: 'Session',
  stores: 'Stores',
  background: 'Background',
  address: 'Address',
  target: 'Target',
  resume: 'Resume',
  proxy: 'Proxy',
  trust: 'TLS',
  cookies: 'Cookies',
  credentials: 'Credentials',
  cache: 'Cache'
}
const tones: Readonly<Record<Level, Tone>> = {ok: 'good', note: 'accent', warning: 'warning', problem: 'bad'}
const margin = ' '.repeat(11)

/** The lines of the report, topic by topic. Safe to print. */
export function reportLines(sections: readonly Section[], style: ReportStyle): readonly string[] {
  return sections.flatMap(({url, findings}) => [
    ...(url === undefined ? [] : ['', style.paint('accent', printable(url))]),
    ...topics.flatMap(topic => topicLines(topic, {findings, style}))
  ])
}

function topicLines(
  topic: Topic,
  {findings, style}: {findings: readonly Finding[]; style: ReportStyle}
): readonly string[] {
  const own = findings.filter(each => each.topic === topic)
  return own.length === 0 ? [] : [titles[topic], ...own.flatMap(each => findingLines(each, style))]
}

function findingLines({level, message, hint}: Finding, {columns, paint}: ReportStyle): readonly string[] {
  const width = columns === undefined ? Infinity : Math.max(30, columns - margin.length)
  const [first = '', ...more] = wrapped(printable(message), width)
  const next = hint === undefined ? [] : wrapped(`Next: ${printable(hint)}`, width)
  return [
    `  ${paint(tones[level], level.padEnd(margin.length - 2))}${first}`,
    ...[...more, ...next].map(line => margin + line)
  ]
}

// Between words only: a path that is cut cannot be copied.
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

/** The same as one document. */
export function reportDocument(sections: readonly Section[], exitCode: number): string {
  const findings = sections.flatMap(({url = null, findings: found}) =>
    topics
      .flatMap(topic => found.filter(each => each.topic === topic))
      .map(({topic, level, message, hint = null}) => ({
        topic,
        url: url === null ? null : printable(url),
        level,
        message: printable(message),
        hint: hint === null ? null : printable(hint)
      }))
  )
  return jsonDocument({ok: exitCode === 0, exitCode, findings})
}
