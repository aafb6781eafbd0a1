import type {FlagTable} from '../flag-table.ts'

export const cacheFlags = {
  'no-store': {
    kind: 'switch',
    group: 'REQUEST',
    summary: 'Store no answer for later runs; with -o -, the only place where answers are stored.'
  }
} as const satisfies FlagTable
