import {parseAddress, TransferError} from '../engine/index.ts'
import {readTextFile} from './read-text-file.ts'
import {usageError} from './usage-error.ts'

/** Reads -i: one URL a line; empty lines and lines that begin with # do not count. */
export async function readInputFile(path: string): Promise<readonly URL[]> {
  return parseInputFile(await readTextFile('-i', path)).map(line => listedAddress(line, path))
}

function listedAddress(line: string, path: string): URL {
  try {
    return parseAddress(line)
  } catch (error) {
    if (!(error instanceof TransferError)) throw error
    const where = path === '-' ? 'standard input' : path
    throw new TransferError(error.code, error.message, {
      ...(error.url === undefined ? {} : {url: error.url}),
      hint: `Correct the line in ${where}, or take it out: nothing has been fetched.`,
      cause: error
    })
  }
}

/** Throws USAGE for aria2's option lines: ignoring what they ask for would write files that nobody expects. */
export function parseInputFile(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const addresses: string[] = []
  for (const [index, line] of lines.entries()) {
    if (/^[ \t]+[a-z][a-z0-9-]*=/.test(line)) {
      throw usageError(
        `Line ${index + 1} of the input file looks like an option of aria2, which is not supported`,
        'Leave only URLs in the file, one a line.'
      )
    }
    const trimmed = line.trim()
    if (trimmed !== '' && !trimmed.startsWith('#')) addresses.push(trimmed)
  }
  return addresses
}
