import type {FlagTable} from '../flag-table.ts'

/** How every command speaks. */
export const speechFlags = {
  json: {
    kind: 'switch',
    group: 'OUTPUT',
    summary: 'Print one JSON document at the end, instead of the paths.'
  },
  quiet: {kind: 'switch', char: 'q', group: 'OUTPUT', summary: 'Print errors only.'},
  silent: {kind: 'switch', char: 's', group: 'OUTPUT', summary: 'Print nothing; with -S errors.'},
  'show-error': {
    kind: 'switch',
    char: 'S',
    group: 'OUTPUT',
    summary: 'Print errors although -s is given.'
  },
  verbose: {
    kind: 'switch',
    char: 'v',
    group: 'OUTPUT',
    summary: 'Print the heads of requests and responses, secrets masked.'
  },
  help: {kind: 'switch', char: 'h', group: 'OUTPUT', summary: 'Print this page.'}
} as const satisfies FlagTable

/** What a transfer tells while and after it runs. */
export const reportFlags = {
  events: {
    kind: 'switch',
    group: 'OUTPUT',
    summary: 'Print every event as one line of JSON, as it happens, instead of the paths.'
  },
  progress: {
    kind: 'value',
    group: 'OUTPUT',
    placeholder: 'HOW',
    choices: ['auto', 'bar', 'plain', 'none'],
    replaces: ['progress-bar', 'no-progress-meter'],
    summary: 'Progress on standard error: auto, bar, plain (lines) or none.'
  },
  'progress-bar': {
    kind: 'switch',
    char: '#',
    group: 'OUTPUT',
    standing: 'accepted',
    replaces: ['progress', 'no-progress-meter'],
    summary: 'Accepted: the same as --progress bar.'
  },
  'no-progress-meter': {
    kind: 'switch',
    group: 'OUTPUT',
    standing: 'accepted',
    replaces: ['progress', 'progress-bar'],
    summary: 'Accepted: the same as --progress none.'
  },
  'write-out': {
    kind: 'value',
    char: 'w',
    group: 'OUTPUT',
    placeholder: 'FORMAT|@FILE',
    summary: "Print FORMAT after each transfer: curl's variables, e.g. %{http_code}, and %{json}."
  },
  'dump-header': {
    kind: 'value',
    char: 'D',
    group: 'OUTPUT',
    placeholder: 'FILE',
    summary: 'Write the heads of all responses to FILE; - is standard output.'
  },
  'show-headers': {
    kind: 'switch',
    group: 'OUTPUT',
    summary: 'With -o -: print the heads of the responses before the body.'
  }
} as const satisfies FlagTable

/** What an HTTP status of 400 and above means. */
export const httpErrorFlags = {
  fail: {
    kind: 'switch',
    char: 'f',
    group: 'OUTPUT',
    standing: 'accepted',
    replaces: ['no-fail', 'fail-with-body'],
    summary: 'Accepted: HTTP errors are failures by default.'
  },
  'no-fail': {
    kind: 'switch',
    group: 'OUTPUT',
    replaces: ['fail', 'fail-with-body'],
    summary: 'Deliver the body of an HTTP error like any other, and exit with 0.'
  },
  'fail-with-body': {
    kind: 'switch',
    group: 'OUTPUT',
    replaces: ['fail', 'no-fail'],
    summary: 'Deliver the body of an HTTP error, and exit with 22.'
  }
} as const satisfies FlagTable

/** What every command takes that only says what came of it. */
export const resultFlags = {
  json: {...speechFlags.json, summary: 'Print one JSON document instead of text.'},
  quiet: speechFlags.quiet,
  silent: speechFlags.silent,
  'show-error': speechFlags['show-error'],
  help: speechFlags.help
} as const satisfies FlagTable
