import {stat} from 'node:fs/promises'
import {shellWord} from './shell-word.ts'
import type {UploadFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

const answers = 'The answer comes when the upload has run: give it to ferry resume instead.'

/** What is not written down with an upload, and what to do instead. */
const unkept = {
  output: answers,
  'output-dir': answers,
  'create-dirs': answers,
  'etag-save': 'Run the command without --suspended when it is time.',
  'require-length': 'Run the command without --suspended when it is time.',
  'no-resume': 'It forbids what --suspended leaves on disk: leave one of them out.',
  'aws-sigv4': 'A signature holds for minutes only: run the command without --suspended when it is time.',
  connections: 'Leave it out, or run the command without --suspended when it is time.',
  'upload-mode': 'Keep it in a session: ferry sessions create NAME --upload-mode MODE, and --session NAME.'
} as const satisfies Partial<Record<keyof UploadFlags, string>>

/** What an upload sends: files, or else what a flag says. */
export interface SuspendedContent {
  readonly flag: '-d' | '-F' | undefined
  readonly files: readonly string[]
}

/** Refuses what cannot wait on disk until somebody starts it (--suspended). Throws USAGE. */
export async function assertMayWait(flags: UploadFlags, {flag, files}: SuspendedContent): Promise<void> {
  for (const [name, hint] of Object.entries(unkept) as [keyof typeof unkept, string][]) {
    if (flags[name] !== undefined) throw usageError(`--${name} does not go with --suspended`, hint)
  }
  if (flags.ephemeral && flags['resume-data'] === undefined)
    throw usageError(
      '--ephemeral leaves nothing on disk that could wait',
      'Add --resume-data FILE, and start it with: ferry resume FILE'
    )
  if (flag !== undefined)
    throw usageError(
      `--suspended is for files: ${flag} cannot wait on disk`,
      'Put the body into a file: ferry upload --suspended -X POST -H "Content-Type: TYPE" FILE URL'
    )
  for (const file of files) await assertIsThereLater(flags, file)
}

async function assertIsThereLater({spool}: UploadFlags, file: string): Promise<void> {
  if (file === '-' && spool) return
  if (file === '-')
    throw usageError(
      '--suspended is for files: standard input is gone when the upload begins',
      'Add --spool: a copy of it waits on disk.'
    )
  const facts = await stat(file)
  if (facts.isFile()) return
  throw usageError(
    `--suspended is for files: ${file} is a pipe or a device, and is gone when the upload begins`,
    `Let a copy of it wait on disk: ferry upload --suspended --spool - URL < ${shellWord(file)}`
  )
}
