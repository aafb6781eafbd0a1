import type {FlagTable} from '../flag-table.ts'

export const decisionFlags = {
  'on-redirect': {
    kind: 'value',
    group: 'DECISION',
    placeholder: 'CMD',
    summary:
      'Ask CMD about each redirection: it gets the event as JSON and answers {"decision":"follow"}, "deny", or {"url":URL}.'
  },
  'on-challenge': {
    kind: 'value',
    group: 'DECISION',
    placeholder: 'CMD',
    summary:
      'Ask CMD who to be: {"decision":"useCredential","user":USER,"password":PASSWORD} and others. @profile: ask the hook of the session.'
  },
  'on-response': {
    kind: 'value',
    group: 'DECISION',
    placeholder: 'CMD',
    summary: 'Ask CMD about each response: {"decision":"allow"}, "cancel" or "becomeDownload".'
  },
  'on-cache': {
    kind: 'value',
    group: 'DECISION',
    placeholder: 'CMD',
    summary: 'With -o -: ask CMD whether to keep an answer: {"decision":"store"}, "memory" or "deny".'
  },
  'on-complete': {
    kind: 'value',
    group: 'DECISION',
    placeholder: 'CMD',
    summary: 'Run CMD when a transfer has ended; it gets the record of --json on standard input.'
  }
} as const satisfies FlagTable

/** Which content of -o - goes into a file instead. */
export const becomingFlags = {
  'download-if': {
    kind: 'list',
    group: 'DECISION',
    placeholder: 'TYPE',
    summary:
      'With -o -: save content of this type as a file instead, named as without -o; TYPE as in image/png, image/* or +zip.'
  },
  'download-over': {
    kind: 'value',
    group: 'DECISION',
    placeholder: 'SIZE',
    summary: 'With -o -: save content that is announced as larger than SIZE as a file instead.'
  }
} as const satisfies FlagTable
