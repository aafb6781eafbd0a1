import {backgroundOnly} from './background-only.ts'

export const ack = backgroundOnly('ack', {
  summary: "Confirm a background session's events (not available in this version).",
  operand: {name: 'NAME', summary: 'the background session, and the token of its events', count: 'many'}
})
