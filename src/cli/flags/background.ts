import type {FlagTable} from '../flag-table.ts'

/** Whether, and when, transfers run without the command. */
export const backgroundFlags = {
  background: {
    kind: 'switch',
    group: 'SEVERAL TRANSFERS',
    summary:
      'Hand the transfers to the background service, print their ids and return: the session background.'
  },
  'start-at': {
    kind: 'value',
    group: 'TIME AND SPEED',
    placeholder: 'WHEN',
    summary: 'In the background: begin no earlier; 02:30, 2026-03-01T02:30, or a time from now such as 90m.'
  },
  window: {
    kind: 'value',
    group: 'TIME AND SPEED',
    placeholder: 'HH:MM-HH:MM',
    summary: 'In the background: run only between these times of the day, local time; it may cross midnight.'
  }
} as const satisfies FlagTable
