import {expect, it} from 'vitest'
import {loadedBy} from '../cli-run/loaded-parts.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

/** What a get of one address loads: the library of cookies, and SQLite. */
async function storesLoadedBy(url: string, home: string): Promise<string[]> {
  const loaded = await loadedBy(['get', '-o', '-', url], home)
  return ['late-tough-cookie', 'NativeModule sqlite'].filter(part => loaded.some(line => line.includes(part)))
}

it('a run loads SQLite when there is a store to look at, and the library of cookies when a server sets one', async () => {
  await using origin = await startOrigin()
  origin.on('*', respond(200, {}, 'x'.repeat(1024)))
  origin.on('/set', respond(200, {'set-cookie': 'a=1; Max-Age=600'}, 'set'))
  const home = scratchFolder()
  expect(await storesLoadedBy(origin.url('/plain'), home)).toEqual([])
  expect(await storesLoadedBy(origin.url('/set'), home)).toEqual(['late-tough-cookie', 'NativeModule sqlite'])
  expect(await storesLoadedBy(origin.url('/plain'), home)).toEqual(['NativeModule sqlite'])
  expect(origin.requestsOf('/plain').map(request => request.header('cookie'))).toEqual([undefined, 'a=1'])
})
