import type {FlagDeclaration, FlagTable} from './flag-table.ts'
import {explainTransferFlag} from './foreign-spellings.ts'
import type {ExplainFlag} from './read-words.ts'
import {getFlags, uploadFlags} from './transfer-flags.ts'

const oneFile = 'it is about one file: give it to get'
const oneRequest = 'it is about one request: give it to get'
const oneUpload = 'it is about one upload: give it to upload'
const oneRun = 'it is about one run: give it to get'
const report = 'it says how one run reports: give it to get'
const standing = 'it is the default already: leave it out'
const methods = 'a session answers with the strongest method that a server offers: leave it out'

/** The flags of a transfer that no session keeps, and why. */
export const unstorableFlags: Readonly<Record<string, string>> = {
  insecure: 'accepting any certificate is never stored: give -k to the one transfer that needs it',
  session: 'a session is in no other; begin with a copy of one: --from NAME',
  background: 'what a session is kept as is said with --kind background',
  'start-at': 'a time comes once: give it to get or upload; --window keeps hours',
  ephemeral: 'what a session is kept as is said with --kind ephemeral',
  digest: methods,
  anyauth: methods,
  basic: methods,
  output: oneFile,
  'output-dir': oneFile,
  'create-dirs': oneFile,
  'if-exists': oneFile,
  'remote-time': oneFile,
  'no-remote-header-name': oneFile,
  'remote-name': oneFile,
  'remote-header-name': oneFile,
  checksum: oneFile,
  sha256: oneFile,
  'require-length': oneFile,
  'if-changed': oneFile,
  'etag-save': oneFile,
  'etag-compare': oneFile,
  'time-cond': oneFile,
  'no-restart': oneFile,
  'no-resume': oneFile,
  'resume-data': oneFile,
  'trust-resume-data': 'trust is asked for each time: give it to resume',
  data: oneUpload,
  'data-ascii': oneUpload,
  'data-binary': oneUpload,
  'data-raw': oneUpload,
  'data-urlencode': oneUpload,
  form: oneUpload,
  'form-string': oneUpload,
  length: oneUpload,
  spool: oneUpload,
  connections: oneUpload,
  'aws-sigv4': oneUpload,
  continue: standing,
  'continue-at': standing,
  parallel: standing,
  request: oneRequest,
  range: oneRequest,
  head: oneRequest,
  compressed: oneRequest,
  'download-if': oneRequest,
  'download-over': oneRequest,
  label: oneRequest,
  priority: oneRequest,
  fail: standing,
  'no-fail': oneRun,
  'fail-with-body': oneRun,
  'input-file': oneRun,
  suspended: oneRun,
  'fail-early': oneRun,
  events: report,
  progress: report,
  'progress-bar': report,
  'no-progress-meter': report,
  'write-out': report,
  'dump-header': report,
  'show-headers': report,
  verbose: report,
  json: 'it says how one run reports; ferry sessions show NAME --json prints what was stored'
}

/** Says of a transfer's flag why a session does not keep it. */
export const explainUnstorableFlag: ExplainFlag = flag => {
  const name = nameOf({...uploadFlags, ...getFlags}, flag)
  const why = name !== undefined && Object.hasOwn(unstorableFlags, name) ? unstorableFlags[name] : undefined
  return why === undefined ? explainTransferFlag(flag) : {message: `A session does not keep ${flag}: ${why}`}
}

function nameOf(table: FlagTable, flag: string): string | undefined {
  if (flag.startsWith('--')) return flag.slice(2).replace(/=$/, '')
  const entries: readonly (readonly [string, FlagDeclaration])[] = Object.entries(table)
  return entries.find(([, {char}]) => `-${char}` === flag)?.[0]
}
