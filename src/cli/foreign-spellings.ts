import {TransferError} from '../engine/index.ts'
import {commandIds} from './first-word.ts'
import {connectionSpellings} from './curl-connections.ts'
import type {ExplainFlag} from './read-words.ts'
import {unavailableFlags} from './unavailable-flags.ts'
import {usageError} from './usage-error.ts'

const uploadFile = 'get sends nothing: ferry upload FILE URL'
const uploadData = 'get sends nothing: ferry upload -d DATA URL'
const uploadForm = 'get sends nothing: ferry upload -F NAME=VALUE URL'
const recursion = 'ferry fetches the URLs it is given, not whole sites; list them with -i FILE'
const timeouts =
  'Use --idle-timeout TIME for time without a byte, --connect-timeout TIME, or -m TIME for the whole task'

/** What fingers that know curl, wget or aria2 type, and how it is spelt here. Keys are words of the command line. */
const spellings: Readonly<Record<string, string>> = {
  ...connectionSpellings,
  '-O-': "wget's -O - is -o - here",
  '-nc': 'Use --if-exists skip (or fail) to keep a file that exists',
  '--no-clobber': 'Use --if-exists skip (or fail) to keep a file that exists',
  '--skip-existing': 'Use --if-exists skip',
  '--clobber': 'Use --if-exists replace',
  '--allow-overwrite': 'Use --if-exists replace',
  '--auto-file-renaming': 'Use --if-exists rename',
  '-nv': 'Use -q for errors only, or --progress none',
  '--no-verbose': 'Use -q for errors only, or --progress none',
  '-nd': 'Files always land in one folder: leave it out',
  '-np': recursion,
  '-nH': 'No folders are made from host names: leave it out',
  '-p': recursion,
  '--recursive': recursion,
  '--level': recursion,
  '-l': recursion,
  '--no-parent': recursion,
  '--page-requisites': recursion,
  '-t': "wget's number of tries is --retry N here (retries, so one less)",
  '--tries': 'Use --retry N (retries, so one less)',
  '--max-tries': 'Use --retry N (retries, so one less)',
  '--waitretry': 'Use --retry-delay TIME',
  '--retry-wait': 'Use --retry-delay TIME',
  '--retry-connrefused': 'A refused connection is retried anyway: leave it out',
  '-N': "wget's -N is --if-changed here; output is never buffered, so curl's -N is not needed",
  '--timestamping': 'Use --if-changed',
  '--conditional-get': 'Use --if-changed',
  '--no-buffer': 'Output is never buffered: leave it out',
  '-T': `${timeouts}; for curl's -T: ${uploadFile}`,
  '--timeout': timeouts,
  '--read-timeout': 'Use --idle-timeout TIME',
  '--dns-timeout': 'Use --connect-timeout TIME',
  '--lowest-speed-limit': 'Use --speed-limit RATE',
  '--max-download-limit': 'Use --limit-rate RATE',
  '--max-overall-download-limit': 'Use --limit-rate RATE',
  '--output-document': 'Use -o FILE',
  '--out': 'Use -o FILE',
  '--directory-prefix': 'Use -P DIR or --output-dir DIR',
  '--dir': 'Use -P DIR or --output-dir DIR',
  '--output-file': 'There is no log file: use 2> FILE',
  '-a': 'There is no log file: use 2>> FILE',
  '--remote-name-all': 'Every URL names its file by default: leave it out',
  '--content-disposition': "The server's name is taken by default: leave it out",
  '--trust-server-names': "The server's name is taken by default: leave it out",
  '--remove-on-error': 'What can be continued is kept beside the target; use --no-resume to keep nothing',
  '--input': 'Use -i FILE',
  '--max-redirect': 'Use --max-redirs N',
  '--check-certificate': 'Certificates are always checked; -k switches it off',
  '--no-check-certificate': 'Use -k, or better --cacert FILE',
  '--ca-certificate': 'Use --cacert FILE',
  '--ca-directory': 'Use --capath DIR',
  '--certificate': 'Use --cert FILE',
  '--private-key': 'Use --key FILE',
  '--pass': 'Use --cert FILE:@FILE, FILE:env:NAME, or FILE:- to be asked',
  '--secure-protocol': 'Use --tlsv1.2 or --tlsv1.3',
  '-1': 'Use --tlsv1.2 or --tlsv1.3',
  '--tlsv1': 'Use --tlsv1.2 or --tlsv1.3',
  '--tlsv1.0': 'TLS 1.0 is not spoken; use --tlsv1.2',
  '--tlsv1.1': 'TLS 1.1 is not spoken; use --tlsv1.2',
  '--proto': 'Only http and https are spoken, and https never becomes http by itself: leave it out',
  '--proto-redir': 'https never becomes http by itself: leave it out',
  '--ssl-reqd': 'Use an https URL: nothing falls back to http',
  '--https-only': 'Use https URLs: nothing falls back to http',
  '-0': 'HTTP/1.0 is not spoken; use --http1.1',
  '--http1.0': 'HTTP/1.0 is not spoken; use --http1.1',
  '--http2-prior-knowledge': 'Use --http2, which agrees on the protocol over TLS',
  '--http3': 'HTTP/3 is not spoken; use --http2',
  '--http3-only': 'HTTP/3 is not spoken; use --http2',
  '--inet4-only': 'Use -4',
  '--inet6-only': 'Use -6',
  '--bind-address': 'Use --interface ADDRESS',
  '--compression': 'Use --compressed',
  '--http-user': 'Use -u NAME:PASSWORD',
  '--http-passwd': 'Use -u NAME:PASSWORD',
  '--http-password': 'Use -u NAME:PASSWORD',
  '--password': 'Use -u NAME:PASSWORD',
  '--ask-password': 'Use -u - to be asked',
  '--basic': 'Basic is what -u does: leave it out',
  '--ntlm': 'Use --negotiate: NTLM is spoken with the login that gss-ntlmssp knows',
  '--load-cookies': 'Use -b FILE',
  '--save-cookies': 'Use --cookie-jar FILE, which reads the file first',
  '-U': "wget's -U is -A NAME here; curl's -U is --proxy-user here",
  '--save-headers': 'Use --show-headers with -o -, or -D FILE',
  '-S=': 'Use -v',
  '--server-response': 'Use -v, or -D FILE',
  '--include': 'Use --show-headers',
  '--spider': 'Use -I to ask for the head only',
  '--method': 'Use -X METHOD',
  '-d': uploadData,
  '--data': uploadData,
  '--data-ascii': uploadData,
  '--data-binary': 'get sends nothing: ferry upload --data-binary @FILE URL',
  '--data-raw': 'get sends nothing: ferry upload --data-raw DATA URL',
  '--data-urlencode': 'get sends nothing: ferry upload --data-urlencode NAME=VALUE URL',
  '--body-data': 'get sends nothing: ferry upload -X METHOD -d DATA URL',
  '--body-file': 'get sends nothing: ferry upload -X METHOD FILE URL',
  '--post-data': uploadData,
  '--post-file': 'get sends nothing: ferry upload --data-binary @FILE URL',
  '-F': uploadForm,
  '--form': uploadForm,
  '--form-string': 'get sends nothing: ferry upload --form-string NAME=VALUE URL',
  '--upload-file': uploadFile,
  '--length': uploadFile,
  '--spool': 'get sends nothing: ... | ferry upload --spool - URL',
  '--resumable': uploadFile,
  '--aws-sigv4': `Only uploads are signed; ${uploadFile}`,
  '--connections': 'Several connections for one file are not available in this version',
  '--json=':
    "--json prints the outcome as JSON. For curl's --json DATA: ferry upload -d DATA -H 'Content-Type: application/json' URL",
  '-G': 'Write the query into the URL',
  '--get': 'Write the query into the URL',
  '--url': 'Write the URL itself, without a flag (resume takes --url)',
  '--url-query': 'Write the query into the URL',
  '-K': 'Configuration files of curl are not read; write the flags themselves',
  '--config': 'Configuration files of curl are not read; write the flags themselves',
  '-g': 'Brackets and braces in URLs are never expanded: leave it out',
  '--globoff': 'Brackets and braces in URLs are never expanded: leave it out',
  '--next': 'Run ferry once for each group of URLs',
  '-:': 'Run ferry once for each group of URLs',
  '--parallel-immediate': 'Leave it out; -j N says how many run at once',
  '--max-threads': 'Use -j N',
  '--max-concurrent-downloads': 'Use -j N',
  '--daemon': 'Use --background',
  '--on-download-complete': 'Use --on-complete CMD, which gets the results as JSON',
  '--save-session': 'What was interrupted is kept by itself: ferry tasks lists it, ferry resume continues it',
  '--split': 'Several connections for one file are not available in this version',
  '--max-connection-per-server': 'Use --parallel-max-host N',
  '--trace': 'Use -v',
  '--trace-ascii': 'Use -v',
  '--debug': 'Use -v',
  '-M': 'Use --help',
  '--manual': 'Use --help'
}

/** Explains a flag of the contract that is not there yet, or one of curl's, wget's or aria2's (spec: peers 4.2). */
export const explainTransferFlag: ExplainFlag = flag => {
  if (unavailableFlags.has(flag)) return {message: `${flag} is not available in this version`}
  if (!Object.hasOwn(spellings, flag)) return undefined
  const given = flag.endsWith('=') ? flag.slice(0, -1) : flag
  return {message: `${given} is not a flag of ferry get`, hint: `${spellings[flag] ?? ''}.`}
}

// "ferry -v get URL" would fetch from a host called get.
function refuseLateCommand([word = '']: readonly string[], [operand = '']: readonly string[]): void {
  if (!word.startsWith('-') || word === '--' || !commandIds.some(id => id === operand)) return
  throw usageError(
    `${operand} is a command, and the command comes before its flags`,
    `Write: ferry ${operand} ${word} ... For a host of that name: http://${operand}/`
  )
}

/**
 * Finds flags that were understood, but so that their writer surely meant another tool's: the value of one tool's flag
 * has become a URL of ours, or the other way round.
 */
export function refuseMisreadWords(argv: readonly string[], operands: readonly string[]): void {
  refuseLateCommand(argv, operands)
  const addressed = operands.some(isAddress)
  for (const [index, word] of argv.entries()) {
    if (word === '--') return
    const next = argv[index + 1] ?? ''
    if (/^-[A-Za-z]*O$/.test(word) && addressed && operands.includes(next) && !looksLikeAddress(next)) {
      throw misread("wget's -O FILE is -o FILE here", '-O FILE')
    }
    if (
      /^-[A-Za-z]*c$/.test(word) &&
      operands.includes(next) &&
      (isJar(next) || (addressed && isBare(next)))
    ) {
      throw misread("curl's -c FILE is --cookie-jar FILE here; -c continues", '-c FILE')
    }
    if (word === '--json' && /^[[{@"]/.test(next)) throw misread(spellings['--json='] ?? '', '--json DATA')
    if (/^-[A-Za-z]*[rjm]$/.test(word) && isAddress(next))
      throw misread(meantSwitch[word.slice(-1)] ?? '', word)
    if (/^-[A-Za-z]*i$/.test(word) && isAddress(next)) {
      throw misread(
        "curl's -i is --show-headers here, together with -o -; -i FILE reads URLs from a file",
        '-i URL'
      )
    }
    if (/^-[A-Za-z]*b$/.test(word) && isAddress(next)) {
      throw misread("wget's -b is --background here; -b NAME=VALUE sends a cookie", '-b URL')
    }
  }
}

const meantSwitch: Readonly<Record<string, string>> = {
  r: recursion,
  j: "curl's -j (forget session cookies) is not needed; -j N says how many transfers run at once",
  m: `${recursion}; -m TIME is the longest time for one task`
}

function misread(hint: string, given: string): TransferError {
  return new TransferError('USAGE', `${given} means something else here`, {hint: `${hint}.`})
}

function isJar(word: string): boolean {
  return /cookie|jar|\.txt$/i.test(word)
}

// No dot, no port and no path: beside an address, that is a file and no host.
function isBare(word: string): boolean {
  return /^[\w-]+$/.test(word) && word !== 'localhost'
}

function isAddress(word: string): boolean {
  return /^https?:\/\//i.test(word)
}

function looksLikeAddress(word: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(word) || word.includes('/') || /^localhost(:|$)/.test(word)
}
