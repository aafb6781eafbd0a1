import type {Credential, TaskAuthentication, TransferError} from '../engine/index.ts'
import {askSecret, readSecret} from './secret-argument.ts'
import type {TransferFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

/** Who asks, and what a person should be told about how it was said. */
export interface AuthenticationArguments {
  /** undefined: whoever the session says. */
  readonly authentication: TaskAuthentication | undefined
  readonly warnings: readonly string[]
}

/** Reads -u, --oauth2-bearer, --digest and --anyauth. Rejects with USAGE or READ_FAILED. */
export async function authenticationArguments(flags: TransferFlags): Promise<AuthenticationArguments> {
  const methods = methodsOf(flags)
  const {credential, warnings} = await credentialOf(flags)
  if (credential === undefined && methods === 'preemptive') return {authentication: undefined, warnings}
  return {authentication: {credential, methods}, warnings}
}

function methodsOf({anyauth, digest, 'oauth2-bearer': bearer}: TransferFlags): TaskAuthentication['methods'] {
  if (digest && bearer !== undefined) throw usageError('--digest and --oauth2-bearer exclude each other')
  return digest ? 'digest' : anyauth ? 'any' : 'preemptive'
}

interface GivenCredential {
  readonly credential: Credential | undefined
  readonly warnings: readonly string[]
}

async function credentialOf(flags: TransferFlags): Promise<GivenCredential> {
  const {'oauth2-bearer': bearer} = flags
  // curl wants a name to be given, and takes this one for nobody's.
  const user = flags.negotiate && flags.user === ':' ? undefined : flags.user
  if (user !== undefined && bearer !== undefined) {
    throw usageError('-u and --oauth2-bearer exclude each other')
  }
  const [flag, given] = user === undefined ? ['--oauth2-bearer', bearer] : ['-u', user]
  if (given === undefined) return {credential: undefined, warnings: []}
  if (/^[^:]+:env:[A-Za-z_]\w*$/.test(user ?? '')) throw partialReference()
  const secret = await readSecret(flag, given)
  const isExposed = secret.exposure === 'commandLine' && (user === undefined || secret.value.includes(':'))
  const warnings = isExposed
    ? [`${flag}: a secret on the command line can be seen in the process list; @FILE, env:NAME or - hide it`]
    : []
  const credential =
    user === undefined ? bearerCredential(secret.value) : await passwordCredential(secret.value, user)
  return {credential, warnings}
}

// As a password it would be sent as it is, and refused without a word of why.
function partialReference(): TransferError {
  return usageError(
    '-u: env: stands for NAME:PASSWORD as a whole, not for the password alone',
    'Let the variable hold both, -u env:VARIABLE, or keep a session: credentials.user=NAME credentials.password=env:VARIABLE.'
  )
}

function bearerCredential(token: string): Credential {
  if (!/^[\x21-\x7E]+$/.test(token)) {
    throw usageError(
      token === '' ? '--oauth2-bearer: the token is empty' : '--oauth2-bearer: this is no token',
      'A token is one word of printable ASCII; check where it comes from.'
    )
  }
  return {kind: 'bearer', token}
}

// RFC 7617: the name cannot contain a colon; without one the password is missing. What a file or a variable holds without
// one may be a password itself, so it is called by the words that were given.
async function passwordCredential(pair: string, given: string): Promise<Credential> {
  if (pair === '')
    throw usageError('-u: there is no name', 'Give NAME, NAME:PASSWORD, @FILE, env:NAME, or - to be asked.')
  const colon = pair.indexOf(':')
  const user = colon < 0 ? pair : pair.slice(0, colon)
  const password =
    colon < 0 ? await askSecret(`Password for ${given === '-' ? 'that name' : given}`) : pair.slice(colon + 1)
  if (/[\x00-\x1F\x7F]/.test(user + password)) {
    throw usageError('-u: name and password cannot contain control characters (RFC 7617)')
  }
  return {kind: 'password', user, password}
}
