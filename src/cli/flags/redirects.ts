import type {FlagTable} from '../flag-table.ts'

export const redirectFlags = {
  location: {
    kind: 'switch',
    char: 'L',
    group: 'REDIRECTION',
    standing: 'accepted',
    replaces: ['no-location'],
    summary: 'Accepted: redirections are followed by default.'
  },
  'no-location': {
    kind: 'switch',
    group: 'REDIRECTION',
    replaces: ['location', 'location-trusted'],
    summary: 'Follow no redirection: the 3xx is the result.'
  },
  'max-redirs': {
    kind: 'value',
    group: 'REDIRECTION',
    placeholder: 'N',
    summary: 'Redirections to follow at most (20); 0 is the same as --no-location.'
  },
  'location-trusted': {
    kind: 'switch',
    group: 'REDIRECTION',
    replaces: ['no-location'],
    summary: 'Send headers and credentials to every host that a redirection names.'
  },
  'allow-downgrade': {
    kind: 'switch',
    group: 'REDIRECTION',
    summary: 'Follow redirections from https to http.'
  }
} as const satisfies FlagTable
