import {once} from 'node:events'
import {existsSync, mkdirSync} from 'node:fs'
import {createServer} from 'node:net'
import type {Server} from 'node:net'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {findSocketPlace} from '../../../src/control/background/daemon/daemon-socket.ts'
import {daemonAddress} from '../../../src/control/endpoint-address.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

async function listener(): Promise<{runtime: string; socketPath: string; server: Server}> {
  const runtime = join(scratchFolder(), 'run')
  mkdirSync(runtime, {mode: 0o700})
  const {socketPath} = daemonAddress(runtime)
  const server = createServer(socket => socket.destroy()).listen(socketPath)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return {runtime, socketPath, server}
}

describe('The socket of the daemon', () => {
  it('belongs to another program that listens at its name, and goes on listening', async () => {
    const {runtime, socketPath} = await listener()
    await expect(findSocketPlace(runtime, {})).resolves.toEqual({kind: 'foreign'})
    expect(existsSync(socketPath)).toBe(true)
  })

  it('is not given up because of one that was killed and is still closing its own', async () => {
    const {runtime, socketPath, server} = await listener()
    server.once('connection', () => server.close())
    await expect(findSocketPlace(runtime, {})).resolves.toMatchObject({kind: 'path', socketPath})
    expect(existsSync(socketPath)).toBe(false)
  })
})
