// Bundles ferry: dist/main.js (where every command starts), dist/commands.js (what oclif loads), dist/engine.js (the
// library), and the parts that these load later.
import {execFile} from 'node:child_process'
import {createHash} from 'node:crypto'
import {readFile, rename, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import {build} from 'esbuild'
import {lateParts} from './late-parts.mjs'
import {lightStart} from './light-start.mjs'

const root = path.dirname(import.meta.dirname)
const dist = path.join(root, 'dist')
// Made beside it and put in place as a whole, so that what is in use is never half there.
const made = path.join(root, `.dist-${process.pid}`)

const common = {
  absWorkingDir: root,
  outdir: made,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24.15',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning'
}

// What esbuild keeps of CommonJS parts asks for these; an ES module has none of them.
const commonJs = [
  "import {createRequire as ferryRequire} from 'node:module'",
  'const require = ferryRequire(import.meta.url)',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname'
].join('\n')

try {
  // Both have ended before anything is taken away: one that still wrote would leave a folder behind.
  const halves = await Promise.allSettled([bundle(), declarations()])
  const failed = halves.find(({status}) => status === 'rejected')
  if (failed) throw failed.reason
  const before = `${made}-before`
  await rename(dist, before).catch(() => {})
  await rename(made, dist)
  await rm(before, {recursive: true, force: true})
} finally {
  await rm(made, {recursive: true, force: true})
}

async function bundle() {
  const entryPoints = {
    commands: 'src/commands/index.ts',
    engine: 'src/engine/index.ts',
    'digest-worker': 'src/engine/download/digest-worker.ts'
  }
  // One file: linking a dozen of them took longer than running them. A function and no module, for bin/run.js.
  await build({
    ...common,
    format: 'cjs',
    charset: 'ascii',
    entryPoints: {main: 'src/main.ts'},
    define: {'import.meta.url': 'bundleUrl'},
    banner: {js: '(function (module, require, bundleUrl, bundleImport) {'},
    footer: {js: '})'},
    plugins: [lightStart, lateParts(root, entryPoints)]
  })
  await makeScript(path.join(made, 'main.js'))
  await build({
    ...common,
    entryPoints,
    splitting: true,
    keepNames: true,
    // Flat, because the engine looks for its worker beside itself, wherever it was bundled into.
    chunkNames: '[name]-[hash]',
    banner: {js: commonJs},
    plugins: [lightStart]
  })
}

// The hash says which program it is that bin/run.js keeps compiled. A script cannot import, so run.js does it.
async function makeScript(file) {
  const program = (await readFile(file, 'ascii')).replaceAll('await import(', 'await bundleImport(')
  if (/\bimport\(/.test(program)) throw new Error('dist/main.js has an import that is not awaited at once')
  const hash = createHash('sha256').update(program).digest('hex').slice(0, 32)
  await writeFile(file, `//${hash}\n${program}`)
}

async function declarations() {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  try {
    const project = path.join(root, 'tsconfig.types.json')
    const outDir = path.join(made, 'types')
    await promisify(execFile)(process.execPath, [compiler, '-p', project, '--outDir', outDir])
  } catch (error) {
    process.stderr.write(error.stdout)
    throw new Error('The declarations of the library could not be made', {cause: error})
  }
}
