import {once} from 'node:events'
import {createServer} from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'
import {BackgroundClient} from '../../../src/control/background/daemon/background-client.ts'
import {daemonAddress} from '../../../src/control/endpoint-address.ts'
import {ensurePrivateFolder, resolvePlaces} from '../../../src/control/places.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

/** A client of a daemon that was stopped: it is there, and answers nothing. */
async function clientOfSilence(): Promise<BackgroundClient> {
  const places = resolvePlaces({FERRY_HOME: scratchFolder()}, process.platform, process.getuid?.())
  await ensurePrivateFolder(places.runtime)
  const server = createServer()
  server.listen(daemonAddress(places.runtime).socketPath)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return new BackgroundClient({places, start: () => Promise.reject(new Error('there is one')), patience: 100})
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
