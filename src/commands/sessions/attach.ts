import {backgroundOnly} from './background-only.ts'

export const attach = backgroundOnly('attach', {
  summary: 'Follow a background session (not available in this version).',
  operand: {name: 'NAME', summary: 'the background session', count: 'one'}
})
