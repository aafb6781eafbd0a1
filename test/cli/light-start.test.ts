import {createHash} from 'node:crypto'
import {expect, it} from 'vitest'
import {loadedBy} from '../cli-run/loaded-parts.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

/** Parts of Node that take milliseconds, and that only other runs need. */
const heavy = [
  'child_process',
  'cluster',
  'crypto',
  'dgram',
  'http',
  'http2',
  'sqlite',
  'tls',
  'worker_threads',
  'zlib'
]

it('a download of a small file starts without what only other runs need, and one with a checksum loads that', async () => {
  const body = 'x'.repeat(1024)
  await using origin = await startOrigin()
  origin.on('*', respond(200, {}, body))
  const heavyOf = async (...flags: readonly string[]): Promise<string[]> => {
    // A run that can be seen by others opens a door for them after a while.
    const words = ['get', '--ephemeral', ...flags, '-o', `${scratchFolder()}/F`, origin.url('/F')]
    const loaded = new Set(await loadedBy(words, scratchFolder()))
    return heavy.filter(part => loaded.has(`NativeModule ${part}`))
  }
  expect(await heavyOf()).toEqual([])
  expect(await heavyOf('--sha256', createHash('sha256').update(body).digest('hex'))).toContain('crypto')
})
