import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {expect} from 'vitest'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {runFerry} from './ferry.ts'

/** Writes down which parts of Node and which files a program has loaded when it ends. */
const witness = `
import {writeFileSync} from 'node:fs'
import {registerHooks} from 'node:module'
const files = []
registerHooks({load: (url, context, next) => (files.push(url), next(url, context))})
process.on('exit', () => writeFileSync(process.env.WITNESS, [...files, ...process.moduleLoadList].join('\\n') + '\\n'))`

/** Runs a command that has to go well, and resolves to the lines that say what it has loaded. */
export async function loadedBy(words: readonly string[], home: string): Promise<readonly string[]> {
  const folder = scratchFolder()
  const [preload, log] = [join(folder, 'witness.mjs'), join(folder, 'log')]
  writeFileSync(preload, witness)
  const env = {FERRY_HOME: home, NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`, WITNESS: log}
  expect(await runFerry(words, {env})).toMatchObject({code: 0})
  const lines = readFileSync(log, 'utf8').split('\n')
  expect(lines.filter(line => line.endsWith('bin/run.js'))).toHaveLength(1)
  return lines
}
