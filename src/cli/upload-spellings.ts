import {existsSync} from 'node:fs'
import {TransferError} from '../engine/index.ts'
import {explainTransferFlag, refuseMisreadWords} from './foreign-spellings.ts'
import type {ExplainFlag} from './read-words.ts'

const words = 'Write the file before the URL: ferry upload FILE URL'
const downloads = 'It is about downloads: the name and the file are those that you send'
const replaced = 'Whether a file there may be replaced is for the server to say: -H "If-None-Match: *"'
const heads = 'Use -D FILE or --show-headers for the heads of the answers'
const parts = 'Use -H "Content-Range: ..." if the server takes parts of a file that way'
const digest = 'Send a digest along if the server checks one: -H "Repr-Digest: sha-256=:BASE64:"'
const compression = 'Files are sent as they are; compress them first: gzip -c FILE | ferry upload - URL'
const unchanged = 'Use -H "If-Unmodified-Since: DATE"'
const query = 'Write the query into the URL, and use ferry get'
const answer = 'The answer goes to standard output, or into the file of -o: leave it out'
const stored = 'No answer to an upload is stored: leave it out'

/** What fingers that know curl or ferry get type for an upload, and how it is spelt here. */
const spellings: Readonly<Record<string, string>> = {
  '-T': `${words} (- for standard input)`,
  '--upload-file': `${words} (- for standard input)`,
  '--post-file': 'Use --data-binary @FILE, or -X POST with a file before the URL',
  '--body-file': words,
  '--post-data': 'Use -d DATA',
  '--body-data': 'Use -d DATA with -X METHOD',
  '--json=':
    "--json prints the outcome as JSON. For curl's --json DATA: -d DATA -H 'Content-Type: application/json'",
  '-O': downloads,
  '--remote-name': downloads,
  '--remote-name-all': downloads,
  '-J': downloads,
  '--remote-header-name': downloads,
  '--no-remote-header-name': downloads,
  '--content-disposition': downloads,
  '--trust-server-names': downloads,
  '-R': downloads,
  '--remote-time': downloads,
  '-N': downloads,
  '--if-changed': downloads,
  '--timestamping': downloads,
  '--conditional-get': downloads,
  '--mirror': downloads,
  '--metalink': downloads,
  '--if-exists': replaced,
  '-nc': replaced,
  '--no-clobber': replaced,
  '--clobber': replaced,
  '--skip-existing': replaced,
  '--allow-overwrite': replaced,
  '--auto-file-renaming': replaced,
  '-r': parts,
  '--range': parts,
  '-I': heads,
  '--head': heads,
  '--spider': heads,
  '--checksum': digest,
  '--sha256': digest,
  '--compressed': compression,
  '--compression': compression,
  '-z': unchanged,
  '--time-cond': unchanged,
  '--download-if': answer,
  '--download-over': answer,
  '--on-cache': stored,
  '--no-store': stored,
  '--split': 'Use --connections N, where the server can join the parts',
  '--remove-on-error': 'Use --no-resume to leave nothing that could be continued',
  '--trust-resume-data': 'Uploads of somebody else are never continued',
  '-G': query,
  '--get': query
}

/** Explains a flag that upload does not have. */
export const explainUploadFlag: ExplainFlag = flag => {
  const hint = Object.hasOwn(spellings, flag) ? spellings[flag] : undefined
  if (hint !== undefined) {
    const given = flag.endsWith('=') ? flag.slice(0, -1) : flag
    return {message: `${given} is not a flag of ferry upload`, hint: `${hint}.`}
  }
  const other = explainTransferFlag(flag)
  return other && {...other, message: other.message.replace('ferry get', 'ferry upload')}
}

/** Finds what was understood, but surely meant otherwise. Throws USAGE. */
export function refuseMisreadUpload(argv: readonly string[], operands: readonly string[]): void {
  const json = argv.indexOf('--json')
  if (json >= 0 && /^[[{@"]/.test(argv[json + 1] ?? '')) {
    throw new TransferError('USAGE', '--json DATA means something else here', {
      hint: `${spellings['--json=']}.`
    })
  }
  const [first = ''] = operands
  // A command may be the name of a file, too.
  const words = existsSync(first) ? ['upload', ...argv] : argv
  refuseMisreadWords(words.filter(isRead), operands)
}

// Behind -c stands what is sent, unless it looks like the cookies that curl's -c would keep.
function isRead(word: string, index: number, words: readonly string[]): boolean {
  return !/^-[A-Za-z]*c$/.test(word) || /cookie|(?:^|[/_-])jar(?:\.txt)?$/i.test(words[index + 1] ?? '')
}
