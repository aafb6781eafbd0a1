// Writes oclif.manifest.json from the built commands; with --check only says whether it is up to date.
import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {Plugin} from '@oclif/core'

const root = path.dirname(import.meta.dirname)
const file = path.join(root, 'oclif.manifest.json')

const plugin = new Plugin({
  root,
  ignoreManifest: true,
  errorOnManifestCreate: true,
  respectNoCacheDefault: true,
  isRoot: true,
  type: 'core'
})
await plugin.load()
const text = `${JSON.stringify(plugin.manifest, undefined, 2)}\n`

if (!process.argv.includes('--check')) await writeFile(file, text)
else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
  process.stderr.write('oclif.manifest.json is not what the commands say: run npm run manifest\n')
  process.exitCode = 1
}
