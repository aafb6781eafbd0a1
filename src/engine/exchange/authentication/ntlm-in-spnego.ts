// SPNEGO (RFC 4178, 4.2) with NTLM (MS-NLMP) inside, as far as it takes to translate between the two.

const sequence = 0x30
const octetString = 0x04
const objectIdentifier = 0x06
const enumerated = 0x0a
const negTokenResp = 0xa1
const field = (number: number): number => 0xa0 + number
const negTokenInit = 0x60
const acceptIncomplete = Buffer.from([1])
// 1.3.6.1.4.1.311.2.2.10
const ntlm = Buffer.from('2b06010401823702020a', 'hex')
const signature = 'NTLMSSP\0'

/** The NTLM message that a token of SPNEGO carries; undefined when it carries none. Both are base64. */
export function ntlmInside(token: string): string | undefined {
  const message = mechanismToken(Buffer.from(token, 'base64'))
  const isNtlm = message?.subarray(0, signature.length).toString('latin1') === signature
  return isNtlm ? message.toString('base64') : undefined
}

/** A server's NTLM message as a server that speaks SPNEGO would send it. */
export function ntlmOutside(message: string): string {
  return response(element(field(2), element(octetString, Buffer.from(message, 'base64'))))
}

/** What a server sends that wants NTLM instead of what was offered first. */
export const ntlmWish: string = response(Buffer.alloc(0))

function response(token: Buffer): string {
  const state = element(field(0), element(enumerated, acceptIncomplete))
  const mechanism = element(field(1), element(objectIdentifier, ntlm))
  const content = Buffer.concat([state, mechanism, token])
  return element(negTokenResp, element(sequence, content)).toString('base64')
}

function element(tag: number, content: Buffer): Buffer {
  const {length} = content
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), content])
}

/** mechToken of a NegTokenInit, responseToken of a NegTokenResp. */
function mechanismToken(token: Buffer): Buffer | undefined {
  const [outer] = elements(token)
  if (!outer) return undefined
  const choice =
    outer.tag === negTokenInit ? elements(outer.content).find(({tag}) => tag === field(0)) : outer
  const [fields] = elements(choice?.content)
  const carrier = elements(fields?.content).find(({tag}) => tag === field(2))
  return elements(carrier?.content).find(({tag}) => tag === octetString)?.content
}

interface Element {
  readonly tag: number
  readonly content: Buffer
}

/** DER, with tags of one byte; stops where it is none. */
function elements(bytes: Buffer = Buffer.alloc(0)): Element[] {
  const found: Element[] = []
  for (let position = 0; position + 2 <= bytes.length;) {
    const short = bytes[position + 1] ?? 0
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f
    if (lengthBytes > 2 || position + 2 + lengthBytes > bytes.length) return found
    const length = lengthBytes === 0 ? short : bytes.readUIntBE(position + 2, lengthBytes)
    const start = position + 2 + lengthBytes
    found.push({tag: bytes[position] ?? 0, content: bytes.subarray(start, start + length)})
    position = start + length
  }
  return found
}
