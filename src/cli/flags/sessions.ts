import type {FlagTable} from '../flag-table.ts'
import {speechFlags} from './output.ts'

/** How a command speaks that changes something and has no result. */
export const changeFlags = {
  quiet: speechFlags.quiet,
  silent: speechFlags.silent,
  'show-error': speechFlags['show-error'],
  help: speechFlags.help
} as const satisfies FlagTable

/** What a new session is, beside its configuration. */
export const createFlags = {
  kind: {
    kind: 'value',
    group: 'SESSION',
    placeholder: 'KIND',
    choices: ['default', 'ephemeral', 'background'],
    summary:
      'Where it keeps cookies, credentials and answers: default on disk, ephemeral in memory; transfers of background outlive the command.'
  },
  from: {
    kind: 'value',
    group: 'SESSION',
    placeholder: 'NAME',
    summary: 'Begin with a copy of the configuration of this session.'
  },
  description: {
    kind: 'value',
    group: 'SESSION',
    placeholder: 'TEXT',
    summary: 'Your own words for what it is for; ferry sessions shows them.'
  }
} as const satisfies FlagTable
