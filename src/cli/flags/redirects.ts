import type {FlagTable} from '../flag-table.ts'

export const redirectFlags = {
  location: {
    kind: 'switch',
    char: 'L',
    group: 'REDIRECTS',
    standing: 'accepted',
    replaces: ['no-location'],
    summary: 'Accepted: redirections are followed by default.'
  },
  'no-location': {
    kind: 'switch',
    group: 'REDIRECTS',
    replaces: ['location', 'location-trusted'],
    summary: 'Follow no redirection: the 3xx is the result.'
  },
  'max-redirs': {
    kind: 'value',
    group: 'REDIRECTS',
    placeholder: 'N',
    summary: 'Redirections to follow at most (20).'
  },
  'location-trusted': {
    kind: 'switch',
    group: 'REDIRECTS',
    replaces: ['no-location'],
    summary: 'Send headers and credentials to every host that a redirection names.'
  },
  'allow-downgrade': {
    kind: 'switch',
    group: 'REDIRECTS',
    summary: 'Follow redirections from https to http.'
  }
} as const satisfies FlagTable
