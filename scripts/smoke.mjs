// Installs what `npm pack` makes into an empty folder, as a user would, and transfers a file with it.
import {execFile} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {existsSync} from 'node:fs'
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

const project = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const manifest = JSON.parse(await readFile(path.join(project, 'package.json'), 'utf8'))
const content = randomBytes(5_000_000)
const say = text => process.stdout.write(`${text}\n`)

function expect(holds, what) {
  if (!holds) throw new Error(what)
}

/** Never rejects for an exit code. */
function run(program, words, {cwd, home}) {
  const environment = {...process.env, ...(home && {FERRY_HOME: home})}
  // What the project's own npm run says about itself must not reach an npm elsewhere.
  for (const name of Object.keys(environment)) {
    if (/^npm_(package|lifecycle|command|execpath|config_(local_)?prefix)/.test(name))
      delete environment[name]
  }
  environment.PATH = (environment.PATH ?? '')
    .split(path.delimiter)
    .filter(folder => !folder.startsWith(project))
    .join(path.delimiter)
  return new Promise(resolve => {
    execFile(program, words, {cwd, env: environment, maxBuffer: 2 ** 26}, (error, stdout, stderr) => {
      resolve({code: error ? (error.code ?? error.signal) : 0, stdout, stderr})
    })
  })
}

async function install(scratch) {
  const packed = await run('npm', ['pack', '--json', '--pack-destination', scratch], {cwd: project})
  expect(packed.code === 0, `npm pack failed: ${packed.stderr}`)
  const [{filename, files}] = JSON.parse(packed.stdout.slice(packed.stdout.search(/^\[/m)))
  const strays = files.filter(file => /^(src|test|scripts|benchmark)\//.test(file.path))
  expect(strays.length === 0, `the package should not contain ${strays[0]?.path}`)
  say(`packed ${filename}: ${files.length} files`)
  const folder = path.join(scratch, 'empty')
  await mkdir(folder)
  await writeFile(path.join(folder, 'package.json'), '{"private": true, "type": "module"}\n')
  const tarball = path.join(scratch, filename)
  const installed = await run('npm', ['install', '--no-audit', '--no-fund', tarball], {cwd: folder})
  expect(installed.code === 0, `npm install failed: ${installed.stderr}`)
  say('installed into an empty folder')
  return folder
}

async function startServer() {
  const server = createServer((request, response) => {
    if (request.url === '/file.bin')
      response.writeHead(200, {etag: '"1"', 'content-length': content.length}).end(content)
    else response.writeHead(404).end()
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}

async function tryCommands({folder, home, address}) {
  const ferry = path.join(folder, 'node_modules', '.bin', 'ferry')
  const version = await run('npx', ['--no', '--', 'ferry', '--version'], {cwd: folder, home})
  expect(version.code === 0, `npx ferry --version ended with ${version.code}: ${version.stderr}`)
  expect(
    version.stdout.includes(manifest.version),
    `ferry --version should name ${manifest.version}: ${version.stdout}`
  )
  say(`npx ferry --version: ${version.stdout.trim()}`)

  const help = await run(ferry, ['get', '--help'], {cwd: folder, home})
  expect(help.code === 0 && help.stdout.includes('--checksum'), 'ferry get --help should explain --checksum')

  const got = await run(ferry, ['get', `${address}/file.bin`], {cwd: folder, home})
  expect(got.code === 0, `ferry get ended with ${got.code}: ${got.stderr}`)
  const received = await readFile(path.join(folder, 'file.bin'))
  expect(received.equals(content), 'the file is not the one that was served')
  say(`ferry get: ${received.length} bytes, the same as served`)

  const missing = await run(ferry, ['get', `${address}/missing`], {cwd: folder, home})
  expect(missing.code === 22, `ferry get of a missing file should end with 22, not with ${missing.code}`)
  expect(!existsSync(path.join(folder, 'missing')), 'a missing file should leave nothing')

  const listed = await run(ferry, ['tasks', '--json'], {cwd: folder, home})
  expect(JSON.parse(listed.stdout).tasks.length === 0, 'ferry tasks should list nothing that runs or waits')
}

async function tryLibrary({folder, home, address}) {
  const program = `
    import {Session, SessionConfiguration, urlRequest} from 'ferry'
    const session = new Session(SessionConfiguration.ephemeral())
    const task = session.downloadTask(urlRequest('${address}/file.bin'), {directory: process.cwd(), fileName: 'library.bin'})
    task.resume()
    const {state, error} = await task.outcome
    await session.finishTasksAndInvalidate()
    if (state !== 'completed') throw error
  `
  await writeFile(path.join(folder, 'library.js'), program)
  const node = path.join(folder, 'node_modules', '.bin', 'node')
  const used = await run(existsSync(node) ? node : process.execPath, ['library.js'], {cwd: folder, home})
  expect(used.code === 0, `a program that uses the library failed: ${used.stderr}`)
  const received = await readFile(path.join(folder, 'library.bin'))
  expect(received.equals(content), 'the file is not the one that was served')
  say('the library does the same')
}

/** Compiles a program against the declarations of the package, which are checked too. */
async function tryDeclarations(folder) {
  const program = `
    import {Session, SessionConfiguration, TransferError, urlRequest} from 'ferry'
    import type {ChallengeDecision, ConfigurationChanges, SessionDelegate, TaskOutcome} from 'ferry'
    const changes: ConfigurationChanges = {hosts: {'127.0.0.1': {credentials: {bearer: 'token'}}}}
    const delegate: SessionDelegate = {
      didReceiveChallenge: (_task, {previousFailureCount}): ChallengeDecision =>
        previousFailureCount > 0
          ? {disposition: 'cancel'}
          : {disposition: 'useCredential', credential: {kind: 'password', user: 'me', password: 'mine'}},
      willCacheResponse: (_task, {size}) => (size > 1000 ? 'deny' : 'store'),
      didFinishCollectingMetrics: (_task, {transactionMetrics}) => void transactionMetrics[0]?.remoteAddress
    }
    const stores = {folder: '/stores', report: (error: TransferError): void => void error.code}
    const session = new Session(SessionConfiguration.default(changes), delegate, {stores})
    const outcome: TaskOutcome = await session.dataTask(urlRequest('http://127.0.0.1/')).outcome
    // @ts-expect-error there is no such key
    SessionConfiguration.default({cache: {polcy: 'reload'}})
    export default outcome.error?.code
  `
  const options = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
    typeRoots: [path.join(project, 'node_modules', '@types')]
  }
  await writeFile(path.join(folder, 'program.ts'), program)
  await writeFile(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({compilerOptions: options, files: ['program.ts']})
  )
  const compiler = path.join(project, 'node_modules', 'typescript', 'bin', 'tsc')
  const compiled = await run(process.execPath, [compiler, '-p', folder], {cwd: folder})
  expect(compiled.code === 0, `the declarations do not hold: ${compiled.stdout}`)
  say('a program in TypeScript compiles against its declarations')
}

const scratch = await mkdtemp(path.join(tmpdir(), 'ferry-smoke-'))
const server = await startServer()
try {
  const folder = await install(scratch)
  const address = `http://127.0.0.1:${server.address().port}`
  const home = path.join(scratch, 'home')
  await tryCommands({folder, home, address})
  await tryLibrary({folder, home, address})
  await tryDeclarations(folder)
} catch (error) {
  process.stderr.write(`The smoke run failed: ${error.message}\n`)
  process.exitCode = 1
} finally {
  server.close()
  server.closeAllConnections()
  await rm(scratch, {recursive: true, force: true, maxRetries: 3})
}
