import {mkdirSync} from 'node:fs'
import {resolve} from 'node:path'
import {parseArgs} from 'node:util'
import {dialects} from './dialect.ts'
import type {DraftVersion} from './dialect.ts'
import {startDraftServer} from './draft-server.ts'

// node test/resumable-upload/serve.ts --folder FOLDER [--port N] [--interop-version N]
// Each line of its output is a JSON object: {listening}, {completed}, {violation}. It serves until it is ended.

const {values} = parseArgs({
  options: {
    folder: {type: 'string'},
    port: {type: 'string', default: '0'},
    'interop-version': {type: 'string', default: '8'}
  }
})
if (values.folder === undefined) throw new Error('--folder FOLDER is missing')
const folder = resolve(values.folder)
mkdirSync(folder, {recursive: true})

const tell = (fact: Readonly<Record<string, string>>): void => console.log(JSON.stringify(fact))

function versionOf(text: string): DraftVersion {
  const known = Object.values(dialects).find(({version}) => String(version) === text)
  if (!known) throw new Error(`interop version ${text} is not known`)
  return known.version
}

const server = await startDraftServer({
  folder,
  port: Number(values.port),
  interopVersion: versionOf(values['interop-version']),
  progressEvery: 64 * 1024,
  didComplete: path => tell({completed: path}),
  didViolate: violation => tell({violation})
})
tell({listening: server.url('/')})
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0))
