import type {CommandDeclaration} from '../../cli/command.ts'
import {resultFlags as flags} from '../../cli/flags/output.ts'
import {usageError} from '../../cli/usage-error.ts'
import type {ResultSpeech} from '../../cli/output-options.ts'
import {printAnswer} from '../../cli/standard-output.ts'
import type {DaemonFacts} from '../../control/background/daemon-facts.ts'
import {readMark} from '../../control/background/unfinished-mark.ts'
import type {Places} from '../../control/places.ts'
import {printable} from '../../ui/printable.ts'
import {runCommand} from '../run-command.ts'
import {jsonDocument} from '../../ui/json-text.ts'
import {daemonStart} from './daemon-words.ts'

export const status: CommandDeclaration = {
  id: 'daemon:status',
  summary: 'Show whether the background service runs, and what it does.',
  description:
    'Ends with 0 whether it runs or not: it only runs while it has something to do. Looking does not start it.',
  examples: [
    {description: 'For a person', command: 'ferry daemon status'},
    {description: 'For a script', command: 'ferry daemon status --json'}
  ],
  flags,
  run: argv =>
    runCommand({
      argv,
      flags,
      perform: ({flags: given, operands}) => {
        if (operands.length > 0) throw usageError('daemon status takes no words')
        return reportStatus(given)
      }
    })
}

/** Prints what there is to say. Resolves to the exit code. */
export async function reportStatus(given: ResultSpeech): Promise<number> {
  const {places} = daemonStart()
  const {runningDaemon} = await import('../../control/background/daemon/running-daemon.ts')
  const facts = await runningDaemon(places)
  if (given.json) await printAnswer(documentOf(facts, places))
  else if (!given.silent) await printAnswer(textOf(facts, places))
  return 0
}

function documentOf(facts: DaemonFacts | undefined, places: Pick<Places, 'state'>): string {
  const mark = readMark(places.state)
  const shown = facts ? {running: true, ...facts} : {running: false, pid: null, unfinished: mark !== 'none'}
  return jsonDocument({...shown, stopped: mark === 'stopped'})
}

function textOf(facts: DaemonFacts | undefined, places: Pick<Places, 'state'>): string {
  const isStopped = facts && readMark(places.state) === 'stopped'
  const lines = facts
    ? [...runningLines(facts), ...(isStopped ? [restingLine(places)] : [])]
    : [restingLine(places)]
  return lines.map(line => `${printable(line)}\n`).join('')
}

function runningLines({
  pid,
  version,
  started,
  idleSince,
  tasks,
  memory,
  log
}: DaemonFacts): readonly string[] {
  const idle =
    idleSince === null ? [] : [`It has had nothing to do since ${localTime(idleSince)}, and will leave.`]
  return [
    `The background service has been running since ${localTime(started)}.`,
    ...idle,
    `Process: ${pid}, ferry ${version}, ${Math.round(memory / 1024 / 1024)} MB`,
    `Tasks: ${workWords(tasks)}`,
    `Log: ${log}`
  ]
}

/** How many tasks there are, state by state. */
export function workWords(tasks: DaemonFacts['tasks']): string {
  const counted = Object.entries(tasks).filter(([, count]) => count > 0)
  return counted.length === 0 ? 'none' : counted.map(([state, count]) => `${count} ${state}`).join(', ')
}

function restingLine({state}: Pick<Places, 'state'>): string {
  switch (readMark(state)) {
    case 'unfinished':
      return (
        'The background service does not run, although tasks wait for it: the next ferry command, such as ferry tasks, ' +
        'starts it.'
      )
    case 'stopped':
      return 'The background service was stopped; its tasks go on with the next one that is added or resumed.'
    case 'none':
      return 'The background service does not run: it has nothing to do, and starts when it has.'
  }
}

function localTime(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE')
}
