import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import {expect, it, onTestFinished} from 'vitest'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {RawUploadClient} from './raw-upload-client.ts'

it('is a program of its own that says where it listens, and keeps files in a folder', async () => {
  const folder = scratchFolder()
  const program = fileURLToPath(new URL('serve.ts', import.meta.url))
  const server = spawn(process.execPath, [program, '--folder', folder], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  onTestFinished(() => void server.kill())
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]()
  const said = async (): Promise<Record<string, string>> => JSON.parse(String((await lines.next()).value))
  const {port} = new URL(String((await said())['listening']))
  const client = await RawUploadClient.open(Number(port))
  client.send('PUT /deep/name', {'upload-draft-interop-version': '8', 'upload-complete': '?1'}, 'hello')
  expect((await client.final())?.status).toBe(201)
  expect(await said()).toEqual({completed: '/deep/name'})
  expect(readFileSync(join(folder, 'name'), 'utf8')).toBe('hello')
  client.drop()
  server.kill()
  await once(server, 'exit')
})
