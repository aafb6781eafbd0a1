import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

/** Writes down which parts of Node and which files a program has loaded when it ends. */
const witness = `
import {writeFileSync} from 'node:fs'
import {registerHooks} from 'node:module'
const files = []
registerHooks({load: (url, context, next) => (files.push(url), next(url, context))})
process.on('exit', () => {
  const parts = process.moduleLoadList.filter(each => each === 'NativeModule sqlite')
  writeFileSync(process.env.WITNESS, [...files, ...parts].join('\\n'))
})`

/** What a get of one address loads: the library of cookies, and SQLite. */
async function loadedBy(url: string, home: string): Promise<string[]> {
  const folder = scratchFolder()
  const [preload, log] = [join(folder, 'witness.mjs'), join(folder, 'log')]
  writeFileSync(preload, witness)
  const env = {FERRY_HOME: home, NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`, WITNESS: log}
  expect(await runFerry(['get', '-o', '-', url], {env})).toMatchObject({code: 0})
  const loaded = readFileSync(log, 'utf8')
  expect(loaded).toContain('bin/run.js')
  return ['late-tough-cookie', 'NativeModule sqlite'].filter(part => loaded.includes(part))
}

it('a run loads SQLite when there is a store to look at, and the library of cookies when a server sets one', async () => {
  await using origin = await startOrigin()
  origin.on('*', respond(200, {}, 'x'.repeat(1024)))
  origin.on('/set', respond(200, {'set-cookie': 'a=1; Max-Age=600'}, 'set'))
  const home = scratchFolder()
  expect(await loadedBy(origin.url('/plain'), home)).toEqual([])
  expect(await loadedBy(origin.url('/set'), home)).toEqual(['late-tough-cookie', 'NativeModule sqlite'])
  expect(await loadedBy(origin.url('/plain'), home)).toEqual(['NativeModule sqlite'])
  expect(origin.requestsOf('/plain').map(request => request.header('cookie'))).toEqual([undefined, 'a=1'])
})
