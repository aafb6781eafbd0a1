import type {FlagTable} from '../flag-table.ts'

export const timeFlags = {
  'connect-timeout': {
    kind: 'value',
    group: 'TIME AND SPEED',
    placeholder: 'TIME',
    summary: 'Give up a connection that is not made within TIME (30). Seconds with fractions, or 1m30s.'
  },
  'idle-timeout': {
    kind: 'value',
    group: 'TIME AND SPEED',
    placeholder: 'TIME',
    summary: 'Give up an attempt after TIME without a byte (60).'
  },
  'max-time': {
    kind: 'value',
    char: 'm',
    group: 'TIME AND SPEED',
    placeholder: 'TIME',
    summary: 'Longest time for one task, waits and retries included (7 days).'
  },
  'speed-limit': {
    kind: 'value',
    char: 'Y',
    group: 'TIME AND SPEED',
    placeholder: 'RATE',
    summary: 'Give up an attempt that stays below RATE bytes a second for --speed-time.'
  },
  'speed-time': {
    kind: 'value',
    char: 'y',
    group: 'TIME AND SPEED',
    placeholder: 'TIME',
    summary: 'How long a transfer may stay below --speed-limit (30; alone it means 1 byte a second).'
  },
  'limit-rate': {
    kind: 'value',
    group: 'TIME AND SPEED',
    placeholder: 'RATE',
    summary: 'Send or receive at most RATE bytes a second, all transfers together; k, M, G are 1024-based.'
  },
  'wait-for-network': {
    kind: 'switch',
    group: 'TIME AND SPEED',
    summary: 'Wait for a connection to become possible instead of failing.'
  }
} as const satisfies FlagTable
