import type {NewBodyReason} from '../request-body.ts'
import {TransferError} from '../transfer-error.ts'

const occasions: Readonly<Record<NewBodyReason, string>> = {
  initial: 'another reading',
  challenge: 'the server that asks who sends it',
  redirect: 'the address it is redirected to',
  retry: 'another attempt'
}

/** Why what can be read once only cannot be sent again (R36). */
export function cannotReadAgain(what: string, reason: NewBodyReason): TransferError {
  return new TransferError(
    'READ_FAILED',
    `Cannot send ${what} again, for ${occasions[reason]}: it was read already and is gone`,
    {hint: 'Send a file instead, or keep a copy of what is streamed with --spool.'}
  )
}
