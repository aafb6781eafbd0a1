import {findNetrcEntry, hasHeader, parseNetrc, portOf} from '../../engine/index.ts'
import type {
  ConfigurationKeys,
  Credential,
  ProtectionSpace,
  TaskAuthentication,
  URLRequest
} from '../../engine/index.ts'
import {printable} from '../../ui/printable.ts'
import {finding} from './finding.ts'
import type {Finding} from './finding.ts'

/** What a transfer says about who asks. */
export interface Asker {
  readonly request: URLRequest
  readonly authentication: TaskAuthentication | undefined
  readonly keys: ConfigurationKeys
  /** Where credentials are stored for. */
  readonly spaces: readonly ProtectionSpace[]
}

/** Who would answer when the server wants to know who asks: kinds and user names, the first one first. */
export function inspectCredentials({request, authentication, keys, spaces}: Asker): readonly Finding[] {
  const {credential, methods} = authentication ?? {}
  if (hasHeader(request.headers, 'authorization'))
    return [finding('credentials', 'ok', 'the Authorization header that you give, and nothing else')]
  const isNamed = credential !== undefined || request.url.username !== ''
  if (!isNamed && hasHeader(Object.entries(keys.headers), 'authorization'))
    return [finding('credentials', 'ok', 'the Authorization header of the session, and nothing else')]
  const answers = [
    ...(credential ? [`${described(credential)} of the command line`] : []),
    ...ofAddress(request.url),
    ...ofSession(keys.credentials),
    ...ofNetrc(keys.credentials.netrc, request.url),
    ...ofStore(spaces, request.url)
  ]
  if (answers.length === 0) {
    return [finding('credentials', 'ok', 'none is configured or stored for this address')]
  }
  const when =
    methods === 'digest' ? ', for Digest alone' : methods === 'any' ? ', after the server has said how' : ''
  const [first = '', ...others] = answers
  return [
    finding('credentials', 'ok', `${first}${when}`),
    ...others.map(other => finding('credentials', 'note', `then: ${other}`))
  ]
}

function described(credential: Credential): string {
  switch (credential.kind) {
    case 'password':
      return `name and password of ${printable(credential.user)}`
    case 'bearer':
      return 'bearer token'
    case 'ticket':
      return 'Kerberos ticket'
    case 'trust':
      return 'trust'
    case 'certificate':
      return 'client certificate'
  }
}

function ofAddress({username}: URL): readonly string[] {
  return username === '' ? [] : [`name and password of ${printable(decoded(username))} of the address`]
}

function ofSession({bearer, user, negotiate}: ConfigurationKeys['credentials']): readonly string[] {
  return [
    ...(negotiate ? ['Kerberos ticket of your login (credentials.negotiate)'] : []),
    ...(bearer === undefined ? [] : ['bearer token of the session (credentials.bearer)']),
    ...(user === undefined
      ? []
      : [`name and password of ${printable(user)} of the session (credentials.user)`])
  ]
}

function ofNetrc(text: string | undefined, {hostname}: URL): readonly string[] {
  if (text === undefined) return []
  const found = findNetrcEntry(parseNetrc(text), {host: hostname, default: 'usable'})
  return found ? [`name and password of ${printable(found.login)} of the netrc file`] : []
}

function ofStore(spaces: readonly ProtectionSpace[], {protocol, hostname, port}: URL): readonly string[] {
  const asked = portOf({protocol, port})
  return spaces
    .filter(space => !space.isProxy && `${space.protocol}:` === protocol && space.port === asked)
    .filter(({host}) => bare(host) === bare(hostname))
    .map(({method, realm}) => {
      const where = realm === undefined ? '' : ` at ${JSON.stringify(printable(realm))}`
      return `the stored one for ${method}${where}`
    })
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
