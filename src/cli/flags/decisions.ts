import type {FlagTable} from '../flag-table.ts'

export const decisionFlags = {
  'on-redirect': {
    kind: 'value',
    group: 'DECISIONS',
    placeholder: 'CMD',
    summary:
      'Ask CMD about each redirection: it gets the event as JSON and answers {"decision":"follow"} or {"decision":"deny"}.'
  },
  'on-response': {
    kind: 'value',
    group: 'DECISIONS',
    placeholder: 'CMD',
    summary: 'Ask CMD about each response: {"decision":"allow"}, "cancel" or "becomeDownload".'
  },
  'on-complete': {
    kind: 'value',
    group: 'DECISIONS',
    placeholder: 'CMD',
    summary: 'Run CMD when a transfer has ended; it gets the record of --json on standard input.'
  }
} as const satisfies FlagTable
