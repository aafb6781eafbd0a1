import type {OutputOptions} from '../../cli/output-options.ts'
import type {PlannedUpload} from '../../cli/plan-upload.ts'

const typed = 'standard input is this terminal: what you type is sent, up to ^D'

/** How a run speaks while it reads standard input, and what it says about that at the beginning. */
export interface Announced {
  readonly output: OutputOptions
  readonly warnings: readonly string[]
}

/** Whoever has forgotten the pipe would wait for ever; and what somebody types must not be drawn over. */
export function announceStream(uploads: readonly PlannedUpload[], output: OutputOptions): Announced {
  if (!isTyped(uploads)) return {output, warnings: []}
  return {output: output.progress === 'auto' ? {...output, progress: 'plain'} : output, warnings: [typed]}
}

/** The same for standard input that is copied before anything is sent, so that it is read before there is a run. */
export function announceSpool(uploads: readonly PlannedUpload[], output: OutputOptions): Announced {
  if (output.speech === 'all') {
    if (isTyped(uploads)) process.stderr.write(`warning: ${typed}\n`)
    if (output.progress !== 'none') process.stderr.write('standard input: copied to disk first, then sent\n')
  }
  return {output, warnings: []}
}

function isTyped(uploads: readonly PlannedUpload[]): boolean {
  return process.stdin.isTTY && uploads.some(({source}) => source.kind === 'stream')
}
