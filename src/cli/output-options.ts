import {readTextFile} from './read-text-file.ts'
import {present} from './present.ts'
import type {TransferFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

/** How a run speaks: what goes to standard output, and how much to standard error. */
export interface OutputOptions {
  readonly format: 'paths' | 'json' | 'events'
  readonly progress: 'auto' | 'bar' | 'plain' | 'none'
  /** all: progress, notes and errors; errors: only those; nothing. */
  readonly speech: 'all' | 'errors' | 'nothing'
  readonly heads: 'hidden' | 'shown'
  readonly writeOut?: string
  /** Where the heads of responses are written; - is standard output. */
  readonly dumpHeader?: string
}

/** Reads the flags about output. Rejects with USAGE where two of them want standard output for themselves. */
export async function outputOptions(flags: TransferFlags): Promise<OutputOptions> {
  if (flags.json && flags.events) throw usageError('--json and --events exclude each other')
  return {
    format: flags.json ? 'json' : flags.events ? 'events' : 'paths',
    progress: progressKind(flags),
    speech: speechOf(flags),
    heads: flags.verbose ? 'shown' : 'hidden',
    ...present({writeOut: await writeOutFormat(flags['write-out']), dumpHeader: flags['dump-header']})
  }
}

/** The flags that say how much a command speaks. */
export interface SpeechFlags {
  readonly quiet?: true
  readonly silent?: true
  readonly 'show-error'?: true
}

/** Those of a command that says what came of it. */
export interface ResultSpeech extends SpeechFlags {
  readonly json?: true
}

/** How much a command says on standard error. */
export function speechOf(flags: SpeechFlags): OutputOptions['speech'] {
  if (flags.silent) return flags['show-error'] ? 'errors' : 'nothing'
  return flags.quiet ? 'errors' : 'all'
}

function progressKind(flags: TransferFlags): OutputOptions['progress'] {
  if (flags.progress !== undefined) return flags.progress
  if (flags['progress-bar']) return 'bar'
  return flags['no-progress-meter'] ? 'none' : 'auto'
}

async function writeOutFormat(given: string | undefined): Promise<string | undefined> {
  return given?.startsWith('@') ? readTextFile('-w', given.slice(1)) : given
}
