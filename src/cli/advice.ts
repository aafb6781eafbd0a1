import type {TransferErrorCode} from '../engine/index.ts'

const advice: Readonly<Record<TransferErrorCode, string>> = {
  UNSUPPORTED_SCHEME: 'Use an http or https address.',
  USAGE: 'Add --help to the command to see what it takes.',
  CONFIGURATION_REFUSED:
    'Correct the value: ferry get --help says what flags take, ferry sessions show shared --json has all keys.',
  URL_MALFORMED: 'Check the address, and quote it for the shell if it contains & or ?.',
  PROXY_NOT_RESOLVED:
    'Check the name of the proxy, in -x, the session or the environment; -x "" asks nobody.',
  HOST_NOT_RESOLVED:
    'Check the spelling of the host and the network; --wait-for-network waits for it to come back.',
  CONNECT_FAILED:
    'Check host and port, and whether a firewall is in between; then run the same command again.',
  REPLY_MALFORMED: 'The server does not speak proper HTTP. Check the address and its port.',
  TRANSFER_TRUNCATED: 'Run the same command again; --retry N tries more often.',
  HTTP_STATUS: 'Check the address; -v shows the heads, --fail-with-body keeps the answer.',
  WRITE_FAILED: 'Check that the folder exists and is writable; --create-dirs makes it, -P names another.',
  NO_SPACE: 'Make room, then run the same command again.',
  READ_FAILED: 'Check that the file exists and can be read.',
  SOURCE_CHANGED: 'The source is no longer what it was: start again from zero.',
  TIMED_OUT: 'Run the same command again; --idle-timeout, --connect-timeout and -m give it more time.',
  RANGE_REFUSED: 'The server cannot continue: run the command without --no-restart to start from zero.',
  RESOURCE_CHANGED:
    'The file on the server is another one now: run the command without --no-restart to fetch it whole.',
  TLS_HANDSHAKE: 'Check that the port speaks TLS; --tlsv1.2, --tlsv1.3 and --tls-max choose the version.',
  TOO_MANY_REDIRECTS: 'The address may redirect in a circle; -v shows each step, --max-redirs allows more.',
  EMPTY_REPLY: 'The server hung up without an answer. Check the port and the scheme, or try again later.',
  SEND_FAILED: 'The connection broke: run the same command again.',
  RECEIVE_FAILED: 'The connection broke: run the same command again; --retry N tries more often.',
  CLIENT_CERTIFICATE: 'Check the files of --cert (PEM or PKCS#12) and --key, and the passphrase.',
  CERTIFICATE_REFUSED:
    'If the authority is your own, name it with --cacert FILE. -k accepts anything and protects nothing.',
  CONTENT_CODING:
    'For the bytes as they are: -o FILE without --compressed, or -H "Accept-Encoding: identity".',
  FILE_TOO_LARGE: 'Raise --max-filesize if you want it nevertheless.',
  CA_FILE:
    'Check that the file of --cacert or the folder of --capath exists and holds certificates in PEM form.',
  PIN_MISMATCH: 'The server has another key than the pinned one: find out why before you go on.',
  PROXY_HANDSHAKE: 'Check what the proxy allows, and its credentials.',
  HEADERS_TOO_LARGE: 'The server sends more header than is safe to read; tell its operator.',
  CHECKSUM_MISMATCH:
    'The file is not the one you expect, and did not get its name. Check where the checksum comes from.',
  NOT_RESUMABLE: 'Start again from zero: with --restart, or with the command of before.',
  RESUME_DATA_INVALID: 'See what can be resumed with: ferry tasks',
  BUSY: 'See what runs with: ferry tasks. Wait for it with ferry wait, or pause it with ferry pause.',
  REFUSED: 'ferry get --help names the flag that allows it.',
  DESTINATION_EXISTS:
    'Choose with --if-exists replace, rename, skip or verify, or give another name with -o.',
  CANCELLED: 'Run the command again to start from zero.',
  TASK_UNKNOWN: 'See all tasks with: ferry tasks --all',
  SESSION_UNKNOWN: 'ferry sessions lists them.',
  SESSION_INVALIDATED: 'Start the transfer in another session.',
  DAEMON_UNREACHABLE: 'See what there is with: ferry daemon status. Or run the transfer in the foreground.'
}

const statusAdvice: Readonly<Record<number, string>> = {
  401: 'The server wants to know who asks: -u NAME or --oauth2-bearer TOKEN.',
  403: 'Check the credentials, and whether the link has expired.',
  404: 'Check the address.',
  405: 'Nothing can be sent to this address that way: check it, or choose the method with -X.',
  407: 'The proxy wants to know who asks: --proxy-user NAME:PASSWORD.',
  409: 'Something is in the way there: end the address with / if it is a folder; the folder above has to exist.',
  410: 'Look for a newer address: this one is gone for good.',
  411: 'The server wants to know the length before: --length N, or --spool.',
  412: 'What is there is not what the request depends on; If-None-Match: * allows nothing to be there.',
  413: 'The server takes nothing that large: send less, or ask its operator to allow more.',
  415: "The server does not take this type of content: name it with -H 'Content-Type: TYPE'.",
  429: 'Wait a while, then run the same command again; -j 1 asks more slowly.',
  501: 'The server does not know such requests: --length N or --spool announce the length, -X chooses the method.',
  507: 'The server has no room for it: make some there, or send less.'
}

/** What a person can do about a 403 to an upload: the address may be right, and sending to it forbidden. */
export const forbiddenUpload =
  'Check the credentials, whether the link has expired, and whether the server lets anybody send to this address.'

const serverTrouble =
  'The trouble is at the server: run the same command again later; --retry N tries more often.'

/** What to do next after an error of this code; undefined for a code that is not ours. */
export function adviceFor(code: string, status?: number): string | undefined {
  if (code === 'HTTP_STATUS' && status !== undefined) {
    return statusAdvice[status] ?? (status >= 500 ? serverTrouble : advice.HTTP_STATUS)
  }
  return Object.hasOwn(advice, code) ? advice[code as TransferErrorCode] : undefined
}
