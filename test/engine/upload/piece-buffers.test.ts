import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {writeFileSync} from 'node:fs'
import net from 'node:net'
import type {AddressInfo, Socket} from 'node:net'
import {join} from 'node:path'
import tls from 'node:tls'
import {beforeEach, describe, expect, it, onTestFinished} from 'vitest'
import {openFileSource} from '../../../src/engine/upload/file-source.ts'
import type {FileSource} from '../../../src/engine/upload/file-source.ts'
import {certificates} from '../../origin/certificates.ts'
import {seededBytes, seededRandom} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {taskSending} from './sent-source.ts'

const content = seededBytes(20 * 1024 * 1024 + 7, 1)

let source: FileSource
beforeEach(async () => {
  const path = join(scratchFolder(), 'F')
  writeFileSync(path, content)
  source = await openFileSource(taskSending({kind: 'file', path}), path)
})

/** Takes what comes in random sips, with pauses; resolves to the hash of all of it. */
async function sip(socket: Socket, seed: number): Promise<string> {
  const random = seededRandom(seed)
  const hash = createHash('sha256')
  for await (const view of socket) {
    hash.update(view as Buffer)
    if (random() < 0.05) await new Promise(resolve => setTimeout(resolve, random() * 4))
  }
  return hash.digest('hex')
}

type Connector = (take: (socket: Socket) => void) => Promise<Socket>

const overTcp: Connector = async take => {
  const server = net.createServer(take).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const overTls: Connector = async take => {
  const server = tls.createServer(certificates.good, take).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  const socket = tls.connect({port, host: '127.0.0.1', ca: certificates.authority})
  await once(socket, 'secureConnect')
  return socket
}

describe('The memory of pieces', () => {
  it('is as it was until the third piece after it is asked for, of short and of long pieces', async () => {
    const held: {piece: Uint8Array; at: number}[] = []
    let at = 0
    for await (const piece of source.body({first: 0}).open()) {
      held.push({piece, at})
      at += piece.length
      if (held.length <= 2) continue
      const oldest = held.shift()
      const expected = content.subarray(oldest?.at, (oldest?.at ?? 0) + (oldest?.piece.length ?? 0))
      expect(oldest && expected.equals(oldest.piece)).toBe(true)
    }
    expect(at).toBe(content.length)
  })

  it.each([
    {way: 'TCP', connect: overTcp, seed: 1},
    {way: 'TCP', connect: overTcp, seed: 2},
    {way: 'TLS', connect: overTls, seed: 3},
    {way: 'TLS', connect: overTls, seed: 4}
  ])('goes through $way whole, however the other side takes it ($seed)', async ({connect, seed}) => {
    const random = seededRandom(seed)
    const arrived = Promise.withResolvers<string>()
    const socket = await connect(taker => void sip(taker, seed).then(arrived.resolve, arrived.reject))
    const sent = createHash('sha256')
    for (let count = 0; count < 12; count++) {
      const first = Math.floor(random() * content.length)
      const longest = random() < 0.5 ? 300_000 : content.length
      const length = Math.floor(random() * Math.min(longest, content.length - first))
      sent.update(content.subarray(first, first + length))
      for await (const piece of source.body({first, length}).open())
        if (!socket.write(piece)) await once(socket, 'drain')
    }
    socket.end()
    expect(await arrived.promise).toBe(sent.digest('hex'))
  })
})
