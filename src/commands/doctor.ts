import {batchExitCode, exitCodes} from '../cli/exit-codes.ts'
import type {CommandDeclaration} from '../cli/command.ts'
import {speechOf} from '../cli/output-options.ts'
import {printAnswer} from '../cli/standard-output.ts'
import {getFlags} from '../cli/transfer-flags.ts'
import type {GetFlags} from '../cli/transfer-flags.ts'
import {resolvePlaces} from '../control/places.ts'
import {colourful, colourless} from '../ui/paint.ts'
import {examine} from './doctor/examine.ts'
import {reportDocument, reportLines} from './doctor/report.ts'
import type {ReportStyle, Section} from './doctor/report.ts'
import {runGetWords} from './run-get-words.ts'

export const doctor: CommandDeclaration = {
  id: 'doctor',
  summary: 'Explain what a get would do here, and why a resume would be refused.',
  description:
    'Nothing is sent. Takes the words of a get: put doctor in its place. Tells of the session, the proxy and who chose it, whom TLS ' +
    'trusts, the stores, the cookies and credentials that would be sent (never their values), and what is left of an ' +
    'interrupted download. Exits with 0 unless the transfer would fail for a reason that can be seen from here: then ' +
    'with the code it would have.',
  operand: {
    name: 'URL',
    summary: 'http or https addresses; none: only what is the same for all',
    count: 'many'
  },
  examples: [
    {description: 'Is everything in order?', command: 'ferry doctor'},
    {
      description: 'Why does it not go on where it stopped?',
      command: 'ferry doctor -o disk.iso https://example.com/disk.iso'
    },
    {description: 'Which proxy, and why?', command: 'ferry doctor --session work https://example.com/'},
    {
      description: 'For a script: only what is wrong',
      command: 'ferry doctor --json URL | jq \'.findings[] | select(.level == "problem")\''
    }
  ],
  flags: getFlags,
  run: argv => runGetWords(argv, perform)
}

async function perform(flags: GetFlags, operands: readonly string[]): Promise<number> {
  const {env, platform} = process
  const places = resolvePlaces(env, platform, process.getuid?.())
  const sections = await examine({flags, operands, places, environment: env})
  const exitCode = exitCodeOf(sections)
  if (flags.json) await printAnswer(reportDocument(sections, exitCode))
  else {
    const lines = chosenLines(flags, sections, exitCode)
    if (lines.length > 0) await printAnswer(`${lines.join('\n')}\n`)
  }
  return exitCode
}

// What comes first would end the transfer first; of several addresses each counts, as it does for get.
function exitCodeOf(sections: readonly Section[]): number {
  const [general = 0, ...others] = sections.map(({findings}) => {
    const first = findings.find(({level}) => level === 'problem')
    return first?.code === undefined ? 0 : exitCodes[first.code]
  })
  return general === 0 ? batchExitCode(others) : general
}

function chosenLines(flags: GetFlags, sections: readonly Section[], exitCode: number): readonly string[] {
  const speech = speechOf(flags)
  if (speech === 'nothing') return []
  if (speech === 'all') return [...reportLines(sections, style()), '', conclusion(exitCode)]
  const problems = sections.map(({url, findings}) => ({
    url,
    findings: findings.filter(({level}) => level === 'problem')
  }))
  return reportLines(
    problems.filter(({findings}) => findings.length > 0),
    style()
  )
}

function conclusion(exitCode: number): string {
  return exitCode === 0
    ? 'Nothing is in the way of a transfer. Nothing was sent.'
    : `A transfer would end with the exit code ${exitCode}. Nothing was sent.`
}

function style(): ReportStyle {
  const {stdout, env} = process
  const isTerminal = stdout.isTTY === true
  const isColourful = isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  return {
    columns: isTerminal ? stdout.columns : undefined,
    paint: isColourful ? colourful : colourless
  }
}
