import type {FlagTable} from '../flag-table.ts'
import {beginFlags} from './again.ts'

/** What is sent instead of a file; all of a kind belong together, in the order in which they were given. */
export const bodyFlags = {
  data: {
    kind: 'list',
    char: 'd',
    group: 'CONTENT',
    placeholder: 'DATA|@FILE',
    summary:
      'Send this, as a web form does: POST, application/x-www-form-urlencoded unless -H says otherwise; @FILE without its line breaks, @- for standard input. Several are joined with &.'
  },
  'data-ascii': {
    kind: 'list',
    group: 'CONTENT',
    placeholder: 'DATA|@FILE',
    summary: 'The same as --data.'
  },
  'data-binary': {
    kind: 'list',
    group: 'CONTENT',
    placeholder: 'DATA|@FILE',
    summary: 'As --data, but a file is sent as it is.'
  },
  'data-raw': {
    kind: 'list',
    group: 'CONTENT',
    placeholder: 'DATA',
    summary: 'As --data, but an @ at the beginning means nothing.'
  },
  'data-urlencode': {
    kind: 'list',
    group: 'CONTENT',
    placeholder: 'DATA',
    summary:
      'As --data, percent-encoded: CONTENT, =CONTENT, NAME=CONTENT, @FILE or NAME@FILE; the name stays as it is.'
  },
  form: {
    kind: 'list',
    char: 'F',
    group: 'CONTENT',
    placeholder: 'NAME=CONTENT',
    summary:
      'Send a field of a form (multipart/form-data): NAME=VALUE, NAME=@FILE for a file, NAME=<FILE for its content as a value; with ;type=TYPE and ;filename=NAME behind it.'
  },
  'form-string': {
    kind: 'list',
    group: 'CONTENT',
    placeholder: 'NAME=VALUE',
    summary: 'As --form, but the value is taken as it is, whatever characters it has.'
  },
  length: {
    kind: 'value',
    group: 'CONTENT',
    placeholder: 'SIZE',
    summary: 'With - as FILE: announce this length instead of sending chunks; standard input must have it.'
  },
  spool: {
    kind: 'switch',
    group: 'CONTENT',
    summary:
      'With - as FILE: copy standard input to disk first, so that it can be sent again and continued; the copy goes at the end.'
  },
  request: {
    kind: 'value',
    char: 'X',
    group: 'CONTENT',
    placeholder: 'METHOD',
    summary: 'Use this method instead of PUT for files, POST for -d and -F.'
  },
  'input-file': {
    kind: 'list',
    char: 'i',
    group: 'CONTENT',
    placeholder: 'FILE',
    summary: 'Read more names of files from FILE, one a line; - is standard input.'
  }
} as const satisfies FlagTable

/** Where the body of the answer goes. */
export const answerFlags = {
  output: {
    kind: 'value',
    char: 'o',
    group: 'TARGET',
    placeholder: 'FILE',
    summary:
      'Write the body of the answer to FILE instead of standard output; those of several uploads in order.'
  },
  'output-dir': {
    kind: 'value',
    char: 'P',
    group: 'TARGET',
    placeholder: 'DIR',
    summary: 'Put the file of -o into DIR instead of the current folder.'
  },
  'create-dirs': {
    kind: 'switch',
    group: 'TARGET',
    summary: 'Make the folders of -o where they are missing.'
  }
} as const satisfies FlagTable

/** How an upload is made so that it can be continued. */
export const uploadFlags = {
  resumable: {
    kind: 'value',
    group: 'RETRY AND RESUME',
    placeholder: 'HOW',
    choices: ['auto', 'tus', 'ietf', 'none'],
    summary:
      'Make uploads of files resumable: auto finds out what the server can, tus and ietf name a protocol, none sends a plain request.'
  },
  'upload-mode': {
    kind: 'value',
    group: 'RETRY AND RESUME',
    placeholder: 'MODE',
    choices: ['optimistic', 'careful'],
    summary:
      'With ietf: send content with the first request (optimistic), or only once the server has named the upload (careful).'
  },
  'interop-version': {
    kind: 'value',
    group: 'RETRY AND RESUME',
    placeholder: 'N',
    choices: ['3', '5', '6', '7', '8'],
    summary: 'The version of the resumable upload draft that the server speaks (8).'
  },
  connections: {
    kind: 'value',
    group: 'RETRY AND RESUME',
    placeholder: 'N',
    summary: 'Send N parts of a file at once, where the server can join them (tus).'
  },
  'no-restart': {
    kind: 'switch',
    group: 'RETRY AND RESUME',
    summary: 'Stop with 111 instead of sending from zero when the server has lost what it had.'
  },
  'no-resume': beginFlags['no-resume'],
  'resume-data': {
    kind: 'value',
    group: 'RETRY AND RESUME',
    placeholder: 'FILE',
    summary: 'Keep what it takes to continue the upload in FILE, instead of the folder of ferry.'
  },
  continue: beginFlags.continue,
  'continue-at': beginFlags['continue-at'],
  'expect100-timeout': {
    kind: 'value',
    group: 'TIME AND SPEED',
    placeholder: 'TIME',
    summary:
      'Wait so long for 100 (Continue) before a large body is sent (1); 0 does not ask the server for it.'
  },
  'aws-sigv4': {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'SCOPE',
    summary:
      'Sign the request for AWS with the key of -u ID:SECRET, which is then sent to nobody. SCOPE is aws:amz[:REGION[:SERVICE]]; what is missing is taken from the host.'
  }
} as const satisfies FlagTable
