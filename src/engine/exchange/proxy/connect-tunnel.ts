import {parseChallenges} from '../../fields/www-authenticate.ts'
import type {Challenge} from '../../fields/www-authenticate.ts'
import {version} from '../../version.ts'
import type {Parley} from './parley.ts'
import type {Authorization} from './proxy-authenticator.ts'

const mostInterim = 32

/** The proxy wants to know who asks (407): what it offers, and what it was told. */
export class ProxyAuthenticationRequired extends Error {
  readonly challenges: readonly Challenge[]
  readonly sent: Authorization | undefined
  /** host:port of the proxy. */
  readonly proxy: string

  constructor(proxy: string, {challenges, sent}: Pick<ProxyAuthenticationRequired, 'challenges' | 'sent'>) {
    super(`The proxy ${proxy} answered 407`)
    this.proxy = proxy
    this.challenges = challenges
    this.sent = sent
  }
}

/** Asks an HTTP proxy to connect us with host:port (RFC 9110, 9.3.6). Nothing but that is told to it. */
export async function connectTunnel(
  parley: Parley,
  target: string,
  authorization: Authorization | undefined
): Promise<void> {
  const lines = [
    `CONNECT ${target} HTTP/1.1`,
    `Host: ${target}`,
    `User-Agent: ferry/${version}`,
    ...(authorization ? [`Proxy-Authorization: ${authorization.value}`] : [])
  ]
  parley.say(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
  const head = await finalHead(parley)
  const [status = '', reason = ''] = /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]*))?\r?\n/.exec(head)?.slice(1) ?? []
  if (status === '') throw parley.refusal('does not answer in HTTP')
  if (status === '407') {
    const challenges = parseChallenges(valuesOf(head, 'proxy-authenticate'))
    throw new ProxyAuthenticationRequired(parley.proxy, {challenges, sent: authorization})
  }
  if (status !== '200')
    throw parley.refusal(`answered ${status} ${printable(reason)}`.trim() + ` for ${target}`)
}

async function finalHead(parley: Parley): Promise<string> {
  for (let interim = 0; interim <= mostInterim; interim++) {
    const head = await parley.takeHead()
    if (!/^HTTP\/1\.[01] 1\d\d/.test(head)) return head
  }
  throw parley.refusal('sends interim answers without end')
}

function valuesOf(head: string, name: string): readonly string[] {
  return head
    .split('\r\n')
    .slice(1)
    .filter(line => line.slice(0, line.indexOf(':')).toLowerCase() === name)
    .map(line => line.slice(line.indexOf(':') + 1).trim())
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7E]/g, '?').slice(0, 80)
}
