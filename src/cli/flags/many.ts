import type {FlagTable} from '../flag-table.ts'

export const manyFlags = {
  'input-file': {
    kind: 'list',
    char: 'i',
    group: 'SEVERAL TRANSFERS',
    placeholder: 'FILE',
    summary: 'Read more URLs from FILE, one a line; - is standard input.'
  },
  session: {
    kind: 'value',
    group: 'SEVERAL TRANSFERS',
    placeholder: 'NAME',
    summary: 'Run in this session; ferry sessions lists them (shared).'
  },
  ephemeral: {
    kind: 'switch',
    group: 'SEVERAL TRANSFERS',
    summary: 'Leave nothing on disk but the file: the session called ephemeral.'
  },
  suspended: {
    kind: 'switch',
    group: 'SEVERAL TRANSFERS',
    summary: 'Only write the transfers down and print their ids; ferry resume ID starts them.'
  },
  label: {
    kind: 'value',
    group: 'SEVERAL TRANSFERS',
    placeholder: 'TEXT',
    summary: 'Your own word for the transfer: progress, messages and lists show it instead of the name.'
  },
  priority: {
    kind: 'value',
    group: 'SEVERAL TRANSFERS',
    placeholder: 'P',
    summary: '0 to 1 (0.5); higher starts first when more wait than may run.'
  }
} as const satisfies FlagTable

/** Also where several downloads are resumed at once. */
export const crowdFlags = {
  parallel: {
    kind: 'switch',
    char: 'Z',
    group: 'SEVERAL TRANSFERS',
    standing: 'accepted',
    summary: 'Accepted: several URLs are fetched at once by default.'
  },
  'parallel-max': {
    kind: 'value',
    char: 'j',
    group: 'SEVERAL TRANSFERS',
    placeholder: 'N',
    summary: 'Transfers at once (6).'
  },
  'parallel-max-host': {
    kind: 'value',
    group: 'SEVERAL TRANSFERS',
    placeholder: 'N',
    summary: 'Connections to one host at once (6).'
  },
  'fail-early': {
    kind: 'switch',
    group: 'SEVERAL TRANSFERS',
    summary: 'Stop all transfers as soon as one has failed.'
  }
} as const satisfies FlagTable
