import {TransferError} from '../engine/index.ts'
import {explainTransferFlag, refuseMisreadWords} from './foreign-spellings.ts'
import type {ExplainFlag} from './read-words.ts'

const words = 'Write the file before the URL: ferry upload FILE URL'
const downloads = 'It is about downloads: the name and the file are those that you send'

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
  '-J': downloads,
  '--remote-header-name': downloads,
  '-R': downloads,
  '--remote-time': downloads,
  '--if-exists': 'Whether a file there may be replaced is for the server to say: -H "If-None-Match: *"',
  '-r': 'Use -H "Content-Range: ..." if the server takes parts of a file that way',
  '--range': 'Use -H "Content-Range: ..." if the server takes parts of a file that way',
  '-I': 'Use -D FILE or --show-headers for the heads of the answers',
  '--head': 'Use -D FILE or --show-headers for the heads of the answers',
  '--checksum': 'Send a digest along if the server checks one: -H "Repr-Digest: sha-256=:BASE64:"',
  '--sha256': 'Send a digest along if the server checks one: -H "Repr-Digest: sha-256=:BASE64:"',
  '--compressed': 'Files are sent as they are; compress them first: gzip -c FILE | ferry upload - URL',
  '-z': 'Use -H "If-Unmodified-Since: DATE"',
  '--time-cond': 'Use -H "If-Unmodified-Since: DATE"',
  '--trust-resume-data': 'Uploads of somebody else are never continued',
  '-G': 'Write the query into the URL, and use ferry get',
  '--get': 'Write the query into the URL, and use ferry get'
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
  refuseMisreadWords(argv, operands)
}
