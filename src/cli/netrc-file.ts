import {stat} from 'node:fs/promises'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {readTextFile} from './read-text-file.ts'
import type {TransferFlags} from './transfer-flags.ts'

/** The text of the file that --netrc-file or -n asks for. Rejects with READ_FAILED; without a file, -n finds nothing. */
export async function readNetrc(flags: TransferFlags): Promise<string | undefined> {
  const file = await netrcFile(flags)
  return file === undefined ? undefined : readTextFile(flagOf(flags), file)
}

/** What a person should be told about that file: others can read the passwords in it. */
export async function netrcWarnings(flags: TransferFlags): Promise<readonly string[]> {
  const file = await netrcFile(flags)
  if (file === undefined || file === '-' || process.platform === 'win32') return []
  const facts = await stat(file).catch(() => undefined)
  if (!facts?.isFile() || (facts.mode & 0o077) === 0) return []
  return [
    `${flagOf(flags)}: other users can read the passwords in ${file}; close it with: chmod 600 '${file}'`
  ]
}

function flagOf(flags: TransferFlags): string {
  return flags['netrc-file'] === undefined ? '-n' : '--netrc-file'
}

async function netrcFile(flags: TransferFlags): Promise<string | undefined> {
  if (flags['netrc-file'] !== undefined) return flags['netrc-file']
  if (!flags.netrc && !flags['netrc-optional']) return undefined
  // As curl has it: the second name is what Windows has always used.
  const names = process.platform === 'win32' ? ['.netrc', '_netrc'] : ['.netrc']
  for (const name of names) {
    const path = join(homedir(), name)
    if (await stat(path).catch(() => undefined)) return path
  }
  return undefined
}
