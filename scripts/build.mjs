// Bundles ferry: dist/main.js (the command line), dist/commands.js (what oclif loads), dist/engine.js (the library).
import {execFile} from 'node:child_process'
import {readdir, rm} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import {build} from 'esbuild'
import {lightStart} from './light-start.mjs'

const root = path.dirname(import.meta.dirname)
const dist = path.join(root, 'dist')

// What esbuild keeps of CommonJS parts asks for these; an ES module has none of them.
const banner = [
  "import {createRequire as ferryRequire} from 'node:module'",
  'const require = ferryRequire(import.meta.url)',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname'
].join('\n')

// Written over, then swept: a ferry that is running meanwhile finds its parts.
const [outputs] = await Promise.all([bundle(), declarations()])
await sweep(outputs)

async function sweep(outputs) {
  const wanted = new Set([...outputs, 'types'])
  for (const name of await readdir(dist)) {
    if (!wanted.has(name)) await rm(path.join(dist, name), {recursive: true, force: true})
  }
}

async function bundle() {
  const {metafile} = await build({
    absWorkingDir: root,
    entryPoints: {
      main: 'src/main.ts',
      commands: 'src/commands/index.ts',
      engine: 'src/engine/index.ts',
      'digest-worker': 'src/engine/download/digest-worker.ts'
    },
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24.15',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'linked',
    // Flat, because the engine looks for its worker beside itself, wherever it was bundled into.
    chunkNames: '[name]-[hash]',
    banner: {js: banner},
    plugins: [lightStart],
    metafile: true,
    logLevel: 'warning'
  })
  return Object.keys(metafile.outputs).map(output => path.basename(output))
}

async function declarations() {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const arguments_ = [compiler, '-p', path.join(root, 'tsconfig.types.json')]
  try {
    await promisify(execFile)(process.execPath, arguments_)
  } catch (error) {
    process.stderr.write(error.stdout)
    throw new Error('The declarations of the library could not be made')
  }
}
