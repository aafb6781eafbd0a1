import {once} from 'node:events'
import {createServer as createHttpServer} from 'node:http'
import {createServer} from 'node:net'
import type {Server} from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'
import {BackgroundClient} from '../../../src/control/background/daemon/background-client.ts'
import {daemonAddress} from '../../../src/control/endpoint-address.ts'
import {ensurePrivateFolder, resolvePlaces} from '../../../src/control/places.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

async function clientOf(server: Server, facts: {patience?: number} = {}): Promise<BackgroundClient> {
  const places = resolvePlaces({FERRY_HOME: scratchFolder()}, process.platform, process.getuid?.())
  await ensurePrivateFolder(places.runtime)
  server.listen(daemonAddress(places.runtime).socketPath)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return new BackgroundClient({places, start: () => Promise.resolve(), ...facts})
}

/** A client of a daemon that was stopped: it is there, and answers nothing. */
function clientOfSilence(): Promise<BackgroundClient> {
  return clientOf(createServer(), {patience: 100})
}

/** A client of a daemon that gives this answer, and of those that died before they gave it. */
function clientAfter(deaths: number, answer: object): Promise<BackgroundClient> {
  let left = deaths
  return clientOf(
    createHttpServer((request, response) => {
      if (left-- > 0) return void request.socket.destroy()
      response.writeHead(409, {'content-type': 'application/json'}).end(JSON.stringify(answer))
    })
  )
}

describe('Of a daemon that does not answer', () => {
  it.each([
    [
      'attach',
      (client: BackgroundClient) => client.attach('background', new AbortController().signal).next()
    ],
    ['acknowledge', (client: BackgroundClient) => client.acknowledge('background', 'token')],
    ['wake', (client: BackgroundClient) => client.wake()]
  ])('%s says so after a while', async (_what, ask) => {
    const client = await clientOfSilence()
    await expect(ask(client)).rejects.toMatchObject({code: 'DAEMON_UNREACHABLE'})
  })
})

describe('A held task', () => {
  const record = {
    id: 'task01',
    kind: 'download',
    session: 'background',
    url: 'http://127.0.0.1/F',
    finalUrl: 'http://127.0.0.1/F',
    state: 'running',
    status: null,
    path: '/F',
    bytes: 0,
    total: null,
    resumedFrom: null,
    restarted: false,
    checksum: null,
    durationMs: null,
    error: null,
    resumeData: null
  }
  const refusal = {error: {code: 'BUSY', message: 'It is not held'}, record}

  it('that goes on since its daemon was killed before the answer was let go by that, and is refused otherwise', async () => {
    const [repeated, first] = [await clientAfter(1, refusal), await clientAfter(0, refusal)]
    await expect(repeated.release('task01')).resolves.toMatchObject({state: 'running'})
    await expect(first.release('task01')).rejects.toMatchObject({code: 'BUSY'})
  })
})
