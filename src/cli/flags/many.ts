import type {FlagTable} from '../flag-table.ts'

export const manyFlags = {
  'input-file': {
    kind: 'list',
    char: 'i',
    group: 'MANY',
    placeholder: 'FILE',
    summary: 'Read more URLs from FILE, one a line; - is standard input.'
  },
  session: {
    kind: 'value',
    group: 'MANY',
    placeholder: 'NAME',
    summary: 'Run in this session; ferry sessions lists them (shared).'
  },
  ephemeral: {
    kind: 'switch',
    group: 'MANY',
    summary: 'Leave nothing on disk but the file: the session called ephemeral.'
  },
  suspended: {
    kind: 'switch',
    group: 'MANY',
    summary: 'Only write the downloads down and print their ids; ferry resume ID starts them.'
  },
  label: {
    kind: 'value',
    group: 'MANY',
    placeholder: 'TEXT',
    summary: 'Your own word for the transfer; tasks shows it.'
  },
  priority: {
    kind: 'value',
    group: 'MANY',
    placeholder: 'P',
    summary: '0 to 1 (0.5); higher starts first when more wait than may run.'
  }
} as const satisfies FlagTable

/** Also where several downloads are resumed at once. */
export const crowdFlags = {
  parallel: {
    kind: 'switch',
    char: 'Z',
    group: 'MANY',
    standing: 'accepted',
    summary: 'Accepted: several URLs are fetched at once by default.'
  },
  'parallel-max': {
    kind: 'value',
    char: 'j',
    group: 'MANY',
    placeholder: 'N',
    summary: 'Transfers at once (6).'
  },
  'parallel-max-host': {
    kind: 'value',
    group: 'MANY',
    placeholder: 'N',
    summary: 'Connections to one host at once (6).'
  },
  'fail-early': {
    kind: 'switch',
    group: 'MANY',
    summary: 'Stop all transfers as soon as one has failed.'
  }
} as const satisfies FlagTable
