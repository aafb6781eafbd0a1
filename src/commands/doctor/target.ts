import {basename, dirname} from 'node:path'
import {TransferError} from '../../engine/index.ts'
import type {BypassReason, DownloadInspection, RestartReason, DownloadResumeData} from '../../engine/index.ts'
import {maskUrl} from '../../ui/mask.ts'
import {formatBytes} from '../../ui/units.ts'
import {finding, problem, warning} from './finding.ts'
import type {Finding} from './finding.ts'

/** Where the file goes, and what is there now. */
export function inspectTarget(inspection: DownloadInspection): readonly Finding[] {
  const {path, name, folder, target, strayPartial} = inspection
  const findings: Finding[] = []
  const guess = name === 'guessed' ? ', unless the server names it otherwise' : ''
  if (folder instanceof TransferError) findings.push(problem('target', folder))
  else if (folder === 'made') findings.push(finding('target', 'ok', `the folder ${dirname(path)} is made`))
  if (target.kind === 'refused') findings.push(problem('target', target.error))
  else findings.push(finding('target', 'ok', `${path}${guess}: ${fateOf(target)}`))
  if (strayPartial !== undefined) {
    const message = `${strayPartial} is there without resume data: it is left alone, and not continued`
    findings.push(warning('target', message, 'Remove it if it is of no use.'))
  }
  return findings
}

function fateOf(target: Exclude<DownloadInspection['target'], {kind: 'refused'}>): string {
  if (target.kind !== 'file')
    return target.kind === 'absent'
      ? 'a new file'
      : 'no file: written to as the bytes come, and not resumable'
  const size = formatBytes(target.size)
  switch (target.fate) {
    case 'replaced':
      return `exists (${size}), and is replaced once the new one is whole`
    case 'kept':
      return `exists (${size}), so the new one gets another name`
    case 'skipped':
      return `exists (${size}), and is enough: nothing is fetched`
  }
}

/** What would become of an interrupted download. */
export function inspectResume({draft}: DownloadInspection): readonly Finding[] {
  switch (draft.kind) {
    case 'none':
      return [finding('resume', 'ok', 'nothing was left to continue: the transfer begins at zero')]
    case 'continues':
      return [
        finding(
          'resume',
          'ok',
          `continues at ${extent(draft.data)}, as long as the server still has that version`
        )
      ]
    case 'committed':
      return [finding('resume', 'ok', 'the file is whole; only the tidying after a crash is left')]
    case 'bypassed':
      return [finding('resume', 'note', `${draft.path} is passed by: ${bypassReasons[draft.reason]}`)]
    case 'refused':
      return [problem('resume', draft.error)]
    case 'restarts':
      return [restarting(draft.reason, draft.data)]
  }
}

const bypassReasons: Readonly<Record<BypassReason, string>> = {
  ephemeral: 'an ephemeral session continues nothing without --resume-data',
  switchedOff: '--no-resume says so',
  method: 'only GET is continued',
  piece: 'a range chosen with -r is not continued',
  decoded: 'what --compressed decodes is not continued'
}

const restartReasons: Readonly<Record<Exclude<RestartReason, 'anotherAddress' | 'nothingReceived'>, string>> =
  {
    partialMissing: 'the partial file is missing',
    partialShort: 'the partial file is shorter than its resume data says',
    partialChanged: 'the last bytes of the partial file are not those that were received',
    partialNotOwn: 'the partial file is not a plain file of yours with one name',
    noStrongValidator:
      'the server gave nothing to recognise the same version by (no strong ETag, no settled date)',
    noRanges: 'the server takes no ranges'
  }

// What `resume` refuses with 111, where `get` begins again.
const refusedByResume: ReadonlySet<RestartReason> = new Set(['partialMissing', 'noStrongValidator'])

function restarting(reason: RestartReason, data: DownloadResumeData): Finding {
  const partial = basename(data.partial.name)
  if (reason === 'nothingReceived')
    return finding('resume', 'ok', 'nothing had been received yet: the transfer begins at zero')
  if (reason === 'anotherAddress') {
    const message = `${partial} is of another address (${maskUrl(data.originalRequest.url)}), and would be written over`
    return warning(
      'resume',
      message,
      'Give another name with -o, or continue the other one with ferry resume.'
    )
  }
  const message = `${extent(data)} cannot be continued, the transfer begins at zero: ${restartReasons[reason]}`
  const hint = refusedByResume.has(reason)
    ? 'ferry resume refuses it with 111; with --restart it begins at zero too.'
    : 'To keep the file as it is, give another name with -o.'
  return warning('resume', message, hint)
}

function extent({bytesReceived, total}: DownloadResumeData): string {
  const received = formatBytes(bytesReceived)
  return total === null ? received : `${received} of ${formatBytes(total)}`
}
