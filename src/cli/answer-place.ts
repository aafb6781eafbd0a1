import {resolve} from 'node:path'
import type {ResumeFlags, UploadFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

/** Where the bodies of answers go: standard output, the absolute path of a file, or nowhere. */
export type AnswerPlace = 'stdout' | 'nowhere' | {readonly path: string}

/** Reads -o, -P and what else wants standard output. Throws USAGE. */
export function answerPlace(flags: UploadFlags | ResumeFlags): AnswerPlace {
  const {output, 'output-dir': folder} = flags
  if (output === undefined && folder !== undefined)
    throw usageError('-P is for the file of -o, which gets the body of the answer')
  if (output === '-' && flags.json) throw usageError('--json and -o - exclude each other')
  if (output === undefined || output === '-') return flags.json || flags.events ? 'nowhere' : 'stdout'
  if (flags['show-headers']) {
    throw usageError(
      '--show-headers goes to standard output; a file of -o gets the body only',
      'Use -D FILE for the heads.'
    )
  }
  if (output === '' || /[/\\]$/.test(output))
    throw usageError('-o names a file; its folder is named with -P DIR')
  return {path: resolve(folder ?? '.', output)}
}
