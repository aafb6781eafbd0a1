import {TransferError} from '../../transfer-error.ts'
import type {URLResponse} from '../../url-request.ts'
import type {Attempt, CredentialSource} from './attempt.ts'

const origins: Readonly<Record<CredentialSource, string>> = {
  task: '',
  address: ' of the address',
  configuration: ' of the session',
  netrc: ' of the netrc file',
  store: ' that worked before',
  delegate: ' that were given in answer'
}

/** What to say of a 401 to somebody who had said who they are. */
export function refusedCredential({url}: URLResponse, {credential, source}: Attempt): TransferError {
  const what = credential.kind === 'bearer' ? 'token' : 'name and password'
  const hint =
    credential.kind === 'bearer'
      ? 'Check the token, and whether it has expired; --oauth2-bearer gives another one.'
      : 'Check them; -u NAME gives others and asks for the password.'
  return new TransferError('HTTP_STATUS', `${url.hostname} does not take the ${what}${origins[source]}`, {
    hint
  })
}
