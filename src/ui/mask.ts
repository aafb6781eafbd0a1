import {soundsSecret} from '../engine/index.ts'

const hidden = '***'

const secretParameter =
  /token|sig|key|secret|passw|passphrase|pwd|auth|credential|session|jwt|hmac|ticket|assertion|saml|^(?:code|otp|pass|pw|pin|sid)$|^x-amz-|^x-goog-/i
// What signs a request to a cloud goes by such names.
const cloudField = /^x-amz-|^x-goog-/

// These only sound secret: challenges are what a person needs to see when a login fails, ids what a cloud asks for, and of
// credentials one only says whether pages may use them.
const openFields: ReadonlySet<string> = new Set([
  'www-authenticate',
  'proxy-authenticate',
  'access-control-allow-credentials',
  ':authority',
  'x-amz-request-id',
  'x-amz-id-2',
  'x-amz-version-id'
])
const fieldsWithUrls: ReadonlySet<string> = new Set([
  'location',
  'content-location',
  'referer',
  'link',
  'refresh'
])

// What follows these in a challenge is a token of the log-in itself (RFC 4559).
const challengeToken = /\b(negotiate|ntlm) +[a-z0-9+/]+=*/gi
const urlInText = /[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi

// Only a known word is shown: the first word of anything else may be the secret itself.
const authenticationScheme = /^(?:basic|bearer|digest|negotiate|ntlm|token|dpop|aws4-hmac-sha256)(?= )/i

/**
 * A URL for logs, errors and reports, without user name and password and without the values of parameters that sound secret,
 * in query and fragment. Text that is no URL is masked too, rather too much than too little.
 */
export function maskUrl(url: string): string {
  return maskParameters(maskUserInformation(url))
}

/** The value of a header field for logs. Secrets become "***"; a known authentication scheme stays ("Bearer ***"). */
export function maskHeader(name: string, value: string): string {
  const field = name.trim().toLowerCase()
  if (openFields.has(field)) return value.replace(challengeToken, `$1 ${hidden}`)
  if (fieldsWithUrls.has(field)) return maskUrl(value)
  if (!soundsSecret(field) && !cloudField.test(field)) return value.replace(urlInText, maskUrl)
  const scheme = authenticationScheme.exec(value.trim())
  return scheme ? `${scheme[0]} ${hidden}` : hidden
}

function maskUserInformation(text: string): string {
  const url = URL.parse(text)
  // Without a host ("user:password@host" is a scheme and a path to the parser) only the text itself can be trusted.
  if (!url || url.host === '') return maskBeforeLastAt(text)
  if (url.username === '' && url.password === '') return text
  url.username = hidden
  url.password = ''
  return url.href
}

function maskBeforeLastAt(text: string): string {
  const at = text.lastIndexOf('@')
  if (at === -1) return text
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? ''
  return `${scheme}${hidden}${text.slice(at)}`
}

// A secret may itself contain "?" or ";" unescaped, so after one everything is hidden up to the next "&" or "#".
function maskParameters(text: string): string {
  const [head = '', ...rest] = text.split(/([?&;#])/)
  let masked = head
  let hiding = false
  for (let index = 0; index < rest.length; index += 2) {
    const [separator = '', parameter = ''] = [rest[index], rest[index + 1]]
    hiding &&= separator === '?' || separator === ';'
    if (hiding) continue
    const equals = parameter.indexOf('=')
    hiding = equals !== -1 && secretParameter.test(plainName(parameter.slice(0, equals)))
    masked += separator + (hiding ? `${parameter.slice(0, equals)}=${hidden}` : parameter)
  }
  return masked
}

function plainName(name: string): string {
  return name.replace(/%([0-7][0-9a-f])/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16))
  )
}
