import {once} from 'node:events'
import {createServer} from 'node:net'
import type {Socket} from 'node:net'
import {newAddress} from '../../src/control/endpoint-address.ts'
import {ensurePrivateFolder} from '../../src/control/places.ts'

/** A process that is there and answers nothing. */
export interface SilentEndpoint extends AsyncDisposable {
  /** Drops the first who asks. */
  hangUp(): Promise<void>
}

export async function silentEndpoint(runtimeFolder: string): Promise<SilentEndpoint> {
  await ensurePrivateFolder(runtimeFolder)
  const server = createServer()
  const asked = once(server, 'connection') as Promise<[Socket]>
  server.listen(newAddress(runtimeFolder).socketPath)
  await once(server, 'listening')
  return {
    hangUp: async () => {
      const [socket] = await asked
      socket.destroy()
    },
    [Symbol.asyncDispose]: async () => {
      server.close()
    }
  }
}
