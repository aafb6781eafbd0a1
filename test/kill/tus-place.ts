import {mkdtempSync, rmSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Server} from '@tus/server'
import {WatchedStore} from '../tus/watched-store.ts'
import type {UploadPlace} from './upload-lane.ts'

/** The reference server of tus, with its file store. */
export async function startTusPlace(): Promise<{place: UploadPlace; close: () => Promise<void>}> {
  const directory = mkdtempSync(join(tmpdir(), 'ferry-kill-tus-'))
  const datastore = new WatchedStore({directory})
  const tus = new Server({path: '/files', datastore})
  const server = createServer((request, response) => void tus.handle(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  const place: UploadPlace = {
    name: 'tus',
    words: ['--resumable', 'tus'],
    url: `http://127.0.0.1:${port}/files/`,
    take: () => {
      const taken = [...datastore.uploads].map(([id, {size, spans}]) => {
        const content = datastore.contentOf(id)
        return {content, isComplete: content.length === size, stretches: spans}
      })
      datastore.uploads.clear()
      return taken
    },
    isReceiving: () => datastore.receiving > 0
  }
  const close = async (): Promise<void> => {
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    await closed
    rmSync(directory, {recursive: true, force: true})
  }
  return {place, close}
}
