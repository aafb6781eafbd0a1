import {existsSync} from 'node:fs'
import {parseAddress, TransferError} from '../engine/index.ts'
import {present} from './present.ts'
import {usageError} from './usage-error.ts'

/** The words of an upload: what is sent, in order, and where to. */
export interface UploadWords {
  readonly files: readonly string[]
  readonly address: URL
  /** The address has a slash at the end of its path: a folder, whose files have names. */
  readonly isCollection: boolean
}

/** What is sent beside files that are named by words. */
export interface OtherContent {
  /** -d or -F: content that is no file. */
  readonly flag: '-d' | '-F' | undefined
  /** Of -i, where it is given. */
  readonly listed: readonly string[] | undefined
  /** How it is sent. */
  readonly method: string
}

const form = 'ferry upload FILE... URL'

/** Tells the files from the address, which comes last. Throws USAGE, UNSUPPORTED_SCHEME or URL_MALFORMED. */
export function readUploadWords(
  operands: readonly string[],
  {flag, listed, method}: OtherContent
): UploadWords {
  const words = operands.slice(0, -1)
  const last = operands.at(-1)
  assertAddressLast(words, last)
  const files = [...words, ...(listed ?? [])]
  if (flag !== undefined && files.length > 0) {
    throw usageError(
      `${flag} is sent instead of a file, but there is a file as well`,
      `Leave one of them out; a file in a form is ${form.replace('FILE...', '-F NAME=@FILE')}`
    )
  }
  const isListed = flag !== undefined || listed !== undefined
  if (last === undefined || (files.length === 0 && !isListed)) throw missing(last, flag)
  const address = readAddress(last, method)
  const isCollection = address.pathname.endsWith('/')
  assertNames(files, isCollection)
  return {files, address, isCollection}
}

function assertAddressLast(words: readonly string[], last: string | undefined): void {
  const addresses = words.filter(isAddress)
  if (addresses.length === 0) return
  if (last !== undefined && isAddress(last))
    throw usageError('There are two URLs, but an upload goes to one', 'Run ferry once for each.')
  throw usageError('The URL comes last, behind what is sent', `Write: ${form}`)
}

function missing(last: string | undefined, flag: OtherContent['flag']): Error {
  if (last === undefined && flag !== undefined)
    return usageError(`There is no URL to send ${flag} to`, `Write: ferry upload ${flag} ... URL`)
  if (last === undefined) {
    return usageError(
      'There is nothing to upload: name a file and a URL',
      `Write: ${form}. Instead of FILE: - for standard input, -d DATA, or -F NAME=VALUE.`
    )
  }
  if (isAddress(last)) {
    return usageError(
      'There is a URL, but nothing to send there',
      `Write: ${form}. Instead of FILE: - for standard input, -d DATA, or -F NAME=VALUE.`
    )
  }
  return usageError('There is no URL to send it to', `Give the URL last: ${form}`)
}

// Elsewhere a word without a scheme may be a host; here it is more likely a file, whose content would go to a stranger.
function readAddress(word: string, method: string): URL {
  if (isAddress(word)) return parsed(word, method)
  if (existsSync(word))
    throw usageError('The last word names a file, not a URL', `Give the URL last: ${form}`)
  throw usageError(
    'The last word is no URL: it has no scheme',
    'Write https:// (or http://) before the host, so that no file is taken for one.'
  )
}

function parsed(word: string, method: string): URL {
  try {
    return parseAddress(word)
  } catch (cause) {
    if (!(cause instanceof TransferError)) throw cause
    throw new TransferError(cause.code, cause.message, {...present({url: cause.url}), method, cause})
  }
}

function assertNames(files: readonly string[], isCollection: boolean): void {
  if (files.includes(''))
    throw usageError(
      'The name of a file is empty',
      'If a variable of the shell names it, that one is not set.'
    )
  if (files.length > 1 && !isCollection) {
    throw usageError(
      'Several files need a URL that ends in /, where each gets its own name',
      'Add the / if the server has a folder there, or run ferry once for each file.'
    )
  }
  if (!files.includes('-')) return
  if (files.length > 1) throw usageError('- (standard input) is sent alone, not among files')
  if (isCollection)
    throw usageError('Standard input has no name', 'Write the whole URL, with the name that it gets there.')
}

function isAddress(word: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(word)
}
