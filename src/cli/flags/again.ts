import type {FlagTable} from '../flag-table.ts'

export const againFlags = {
  retry: {
    kind: 'value',
    group: 'RETRY AND RESUME',
    placeholder: 'N',
    summary: 'New attempts in a row that may bring no byte (5); 0 never tries again.'
  },
  'retry-delay': {
    kind: 'value',
    group: 'RETRY AND RESUME',
    placeholder: 'TIME',
    summary: 'Wait TIME before each retry instead of doubling from half a second.'
  },
  'retry-max-time': {
    kind: 'value',
    group: 'RETRY AND RESUME',
    placeholder: 'TIME',
    summary: 'Begin no retry later than TIME after the start.'
  },
  'retry-all-errors': {
    kind: 'switch',
    group: 'RETRY AND RESUME',
    summary: 'Retry every HTTP error and every broken transfer, also those that hardly ever heal.'
  },
  'no-restart': {
    kind: 'switch',
    group: 'RETRY AND RESUME',
    summary: 'Stop with 33 instead of starting from zero when the rest no longer fits.'
  },
  'trust-resume-data': {
    kind: 'switch',
    group: 'RETRY AND RESUME',
    summary: 'Continue resume data that was not made by this user on this machine.'
  }
} as const satisfies FlagTable

export const beginFlags = {
  'no-resume': {
    kind: 'switch',
    group: 'RETRY AND RESUME',
    summary: 'Ignore what an earlier run left, and leave nothing to continue.'
  },
  continue: {
    kind: 'switch',
    char: 'c',
    group: 'RETRY AND RESUME',
    standing: 'accepted',
    summary: 'Accepted: an interrupted download is continued by default.'
  },
  'continue-at': {
    kind: 'value',
    char: 'C',
    group: 'RETRY AND RESUME',
    placeholder: '-',
    standing: 'accepted',
    summary: 'Accepted as -C -: an interrupted download is continued by default.'
  },
  'resume-data': {
    kind: 'value',
    group: 'RETRY AND RESUME',
    placeholder: 'FILE',
    summary: 'With --ephemeral: write resume data to FILE when the transfer is paused.'
  }
} as const satisfies FlagTable
