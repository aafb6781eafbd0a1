import type {Lie} from './resource.ts'

const head = (lines: readonly string[]): string => `HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\n`
const chunk = (body: string): string => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`

const lies: Record<Lie, (body: string) => string> = {
  emptyReply: () => '',
  junkStatusLine: () => 'THIS IS NOT A STATUS LINE\r\n\r\n',
  truncatedStatusLine: () => 'HTTP/1.1 20',
  truncatedHead: body => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nContent-Ty`,
  http09: body => body,
  twoLengths: body => head([`Content-Length: ${body.length}`, `Content-Length: ${body.length + 1}`]) + body,
  negativeLength: body => head([`Content-Length: -${body.length}`]) + body,
  lengthAndChunked: body =>
    `${head([`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked'])}${chunk(body)}0\r\n\r\n`,
  chunkedIdentity: body => `${head(['Transfer-Encoding: chunked, identity'])}${chunk(body)}0\r\n\r\n`,
  badChunkSize: body => `${head(['Transfer-Encoding: chunked'])}${chunk(body)}zz\r\nmore\r\n0\r\n\r\n`,
  missingLastChunk: body => `${head(['Transfer-Encoding: chunked'])}${chunk(body)}`,
  foldedHeader: body => head(['X-Folded: one', ' two', `Content-Length: ${body.length}`]) + body,
  nulInHeader: body => head(['X-Nul: a\0b', `Content-Length: ${body.length}`]) + body
}

/** The bytes of the whole untrue message. The connection is to be closed behind it. */
export function lieAbout(body: Buffer, lie: Lie): Buffer {
  return Buffer.from(lies[lie](body.toString('latin1')), 'latin1')
}
