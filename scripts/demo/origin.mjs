// A server on the loopback interface that offers one file: slowly, with a strong tag, whole or from any byte on.
import {createHash} from 'node:crypto'
import {createServer} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'

const piecesPerSecond = 20

/** Bytes that look random and are the same each time. */
function makeContent(size) {
  const words = new Uint32Array(size / 4)
  let state = 0x2545f491
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state
  }
  return Buffer.from(words.buffer)
}

/** `name` is the path, `size` bytes (a multiple of 4), `rate` bytes a second. */
export async function startOrigin({name, size, rate}) {
  const content = makeContent(size)
  const sha256 = createHash('sha256').update(content).digest('hex')
  const entityTag = `"${sha256.slice(0, 12)}"`
  const requests = []
  const waiting = []
  let sent = 0

  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy())
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })

  async function answer(request, response) {
    if (request.url !== `/${name}`) return response.writeHead(404).end()
    const first = firstByte(request.headers)
    const status = first === undefined ? 200 : 206
    requests.push({method: request.method, range: request.headers.range, status})
    const headers = {'accept-ranges': 'bytes', etag: entityTag, 'content-length': size - (first ?? 0)}
    if (first !== undefined) headers['content-range'] = `bytes ${first}-${size - 1}/${size}`
    response.writeHead(status, headers)
    if (request.method === 'HEAD') return response.end()
    await send(response, first ?? 0)
  }

  // A range counts only for the version that If-Range names; for any other, the whole file is the answer.
  function firstByte(headers) {
    const first = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]
    const isSame = headers['if-range'] === undefined || headers['if-range'] === entityTag
    return first !== undefined && isSame && Number(first) < size ? Number(first) : undefined
  }

  async function send(response, first) {
    const piece = Math.ceil(rate / piecesPerSecond)
    for (let position = first; position < size && !response.destroyed; position += piece) {
      const bytes = content.subarray(position, position + piece)
      response.write(bytes)
      sent += bytes.length
      for (const {count, resolve} of waiting) if (sent >= count) resolve()
      await sleep(1000 / piecesPerSecond)
    }
    response.end()
  }

  return {
    url: `http://127.0.0.1:${server.address().port}/${name}`,
    sha256,
    requests,
    /** Resolves when so many bytes of bodies were sent. */
    untilSent: count => new Promise(resolve => waiting.push({count, resolve})),
    close() {
      server.close()
      server.closeAllConnections()
    }
  }
}
