import {shellWord} from './shell-word.ts'
import type {GetFlags, ResumeFlags, TransferFlags, UploadFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

/** Why a flag has no meaning once the command has returned, and what to do instead. */
type Reason = readonly [why: string, instead: string]

const asked: Reason = [
  'nobody is there to be asked while it runs',
  'Leave it out, or run the transfer in the foreground.'
]
const heads: Reason = [
  'nobody is there to read the heads of the responses',
  'ferry sessions attach NAME prints them, with all events, while it runs.'
]
const answer: Reason = [
  'the answer to a background upload is not kept',
  'Leave it out: ferry tasks --all --json has its status and its headers.'
]
const body: Reason = [
  'a background session sends nothing but files',
  'Put the body into a file: ferry upload --background -X POST -H "Content-Type: TYPE" FILE URL'
]

const asBegun: Reason = [
  'a transfer goes on there as it was begun',
  'Resume it in the foreground; ferry pause ID --to-background hands it over from there.'
]

const ofAll = {
  suspended: ['it starts by itself', 'Leave one of the two out; --start-at begins it later.'],
  'write-out': ['the command returns before it ends', 'Ask afterwards: ferry wait --json ID'],
  'dump-header': heads,
  'show-headers': heads,
  'etag-save': ['the command returns before there is an answer', 'Run the transfer in the foreground.'],
  'on-redirect': asked,
  'on-challenge': asked,
  'on-response': asked,
  'on-cache': asked,
  'fail-early': ['each of them goes on by itself', 'Leave it out; ferry cancel ends what is not wanted.'],
  'no-location': ['redirections are always followed there', 'Run the transfer in the foreground.'],
  'cookie-jar': [
    'the file would be written at a time that nobody knows',
    'Read cookies with -b FILE; those of answers are kept in the session.'
  ]
} as const satisfies Partial<Record<keyof TransferFlags | keyof GetFlags, Reason>>

const ofGet = {
  ...ofAll,
  head: ['a head is not a file', 'Run it in the foreground: ferry get -I URL'],
  'download-if': ['all content becomes a file there', 'Leave it out.'],
  'download-over': ['all content becomes a file there', 'Leave it out.']
} as const satisfies Partial<Record<keyof GetFlags, Reason>>

const ofUpload = {
  ...ofAll,
  output: answer,
  'output-dir': answer,
  'create-dirs': answer,
  'require-length': answer,
  data: body,
  'data-ascii': body,
  'data-binary': body,
  'data-raw': body,
  'data-urlencode': body,
  form: body,
  'form-string': body,
  'aws-sigv4': [
    'a signature holds for minutes only, and the key is not handed over',
    'Run the upload in the foreground.'
  ]
} as const satisfies Partial<Record<keyof UploadFlags, Reason>>

const ofResume = {
  ...ofAll,
  output: answer,
  'output-dir': answer,
  'create-dirs': answer,
  url: asBegun,
  'if-exists': asBegun,
  checksum: asBegun,
  sha256: asBegun,
  'require-length': asBegun,
  'no-restart': asBegun,
  'trust-resume-data': [
    'resume data of somebody else is for a person to look after',
    'Resume it in the foreground.'
  ]
} as const satisfies Partial<Record<keyof ResumeFlags, Reason>>

const refused = {get: ofGet, upload: ofUpload, resume: ofResume}

/** Refuses the flags that a transfer in the background could not do anything with. Throws USAGE. */
export function assertMayLeave(command: keyof typeof refused, given: object): void {
  const flags = new Map<string, unknown>(Object.entries(given))
  for (const [name, [why, instead]] of Object.entries(refused[command]) as [string, Reason][]) {
    if (flags.get(name) !== undefined)
      throw usageError(`--${name} does not go with a background session: ${why}`, instead)
  }
}

/** Refuses for get what is no download of a file. Throws USAGE. */
export function assertIntoFiles({output, request}: Pick<GetFlags, 'output' | 'request'>): void {
  if (output?.includes('-'))
    throw usageError(
      '-o - does not go with a background session: nobody reads its standard output',
      'Name a file, and print it when ferry wait ID has returned.'
    )
  if (request === undefined || request.toUpperCase() === 'GET') return
  throw usageError(
    `-X ${request} does not go with a background session: it may have to ask again, and only GET is harmless then`,
    'Run it in the foreground.'
  )
}

/** Refuses for upload what will not be there any more. Throws USAGE. */
export function assertKept(files: readonly string[], {spool}: Pick<UploadFlags, 'spool'>): void {
  if (spool || !files.includes('-')) return
  throw usageError(
    'Standard input does not go with a background session: it ends with the command',
    'Add --spool: a copy of it waits on disk.'
  )
}

/** A pipe or a device is gone, or another, when its turn has come. */
export function noFileToKeep(path: string): Error {
  return usageError(
    `${path} is a pipe or a device, and a background session sends nothing but files`,
    `Let a copy of it wait on disk: ferry upload --background --spool - URL < ${shellWord(path)}`
  )
}
