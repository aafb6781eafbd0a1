import {spawn} from 'node:child_process'
import type {ChildProcess} from 'node:child_process'
import {createHash, randomFillSync} from 'node:crypto'
import {once} from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import {createServer, connect} from 'node:net'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'

/** How much is served, in bytes and files. */
export interface Sizes {
  readonly large: number
  readonly checked: number
  readonly small: number
  readonly smallCount: number
  readonly sparse: number
}

/** What is served where, and where to put it. */
export interface Stage {
  readonly sizes: Sizes
  readonly folder: string
  readonly targets: string
  readonly home: string
  readonly authority: string
  readonly sha256: string
  readonly smallNames: readonly string[]
  url(name: string): string
  tlsUrl(name: string): string
  /** Takes a body and throws it away; its length is left in the targets, under that name. */
  sinkUrl(name: string): string
  close(): Promise<void>
}

const certificates = fileURLToPath(new URL('../test/origin/certificates/', import.meta.url))
const memoryFolder = '/dev/shm'

/** Makes the files, in memory where the machine has room for that, and starts nginx on the loopback interface. */
export async function openStage(nginxPath: string, sizes: Sizes): Promise<Stage> {
  const folder = mkdtempSync(join(roomyFolder(sizes), 'ferry-benchmark-'))
  try {
    return await furnish(folder, {nginxPath, sizes})
  } catch (error) {
    rmSync(folder, {recursive: true, force: true})
    throw error
  }
}

async function furnish(
  folder: string,
  {nginxPath, sizes}: {nginxPath: string; sizes: Sizes}
): Promise<Stage> {
  const [root, targets, home] = [join(folder, 'root'), join(folder, 'targets'), join(folder, 'home')]
  for (const path of [targets, home, join(root, 'small')]) mkdirSync(path, {recursive: true})
  writeRandom(join(root, 'large'), sizes.large)
  writeRandom(join(root, 'tiny'), 1024)
  writeSparse(join(folder, 'sparse'), sizes.sparse)
  const sha256 = writeRandom(join(root, 'checked'), sizes.checked)
  const smallNames = Array.from({length: sizes.smallCount}, (_, index) => `small-${index}`)
  for (const name of smallNames) writeRandom(join(root, 'small', name), sizes.small)
  const ports = {port: await freePort(), tlsPort: await freePort()}
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, ports))
  const words = ['-p', folder, '-e', 'stderr', '-c', 'nginx.conf']
  // Not in the terminal's group: it has to answer until the tools have ended.
  const nginx = spawn(nginxPath, words, {stdio: ['ignore', 'ignore', 'inherit'], detached: true})
  await untilListening(ports.port, nginx)
  const sink = await startSink(targets)
  return {
    sizes,
    folder,
    targets,
    home,
    sha256,
    smallNames,
    authority: join(certificates, 'authority.pem'),
    url: name => `http://127.0.0.1:${ports.port}/${name}`,
    tlsUrl: name => `https://localhost:${ports.tlsPort}/${name}`,
    sinkUrl: name => `http://127.0.0.1:${sink.port}/${name}`,
    close: async () => {
      sink.process.kill('SIGKILL')
      await close(nginx, folder)
    }
  }
}

async function close(nginx: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise(resolve => nginx.once('exit', resolve))
  if (nginx.exitCode === null && nginx.signalCode === null) {
    nginx.kill('SIGTERM')
    await ended
  }
  rmSync(folder, {recursive: true, force: true, maxRetries: 3})
}

// Every file is there twice: as it is served, and as it arrives.
function roomyFolder({large, checked, small, smallCount}: Sizes): string {
  const needed = 2 * large + checked + 4 * small * smallCount
  if (!existsSync(memoryFolder)) return tmpdir()
  const {bavail, bsize} = statfsSync(memoryFolder)
  return bavail * bsize > needed ? memoryFolder : tmpdir()
}

/** Returns the SHA-256 of what it wrote. */
function writeRandom(path: string, size: number): string {
  const hash = createHash('sha256')
  const file = openSync(path, 'w')
  const block = Buffer.alloc(Math.min(size, 1024 * 1024))
  for (let left = size; left > 0; left -= block.length) {
    const piece = randomFillSync(block).subarray(0, left)
    hash.update(piece)
    writeSync(file, piece)
  }
  closeSync(file)
  return hash.digest('hex')
}

function writeSparse(path: string, size: number): void {
  writeFileSync(path, '')
  truncateSync(path, size)
}

async function startSink(targets: string): Promise<{process: ChildProcess; port: number}> {
  const program = fileURLToPath(new URL('sink.ts', import.meta.url))
  const sink = spawn(process.execPath, [program, targets], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true
  })
  const [line] = (await once(sink.stdout, 'data')) as [Buffer]
  return {process: sink, port: Number(line.toString())}
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const {port} = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

async function untilListening(port: number, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const isOpen = await new Promise(resolve => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    if (server.exitCode !== null) break
    await sleep(20)
  }
  throw new Error('nginx did not start')
}

function configuration(folder: string, {port, tlsPort}: {port: number; tlsPort: number}): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off;
master_process off;
pid ${folder}/pid;
events {}
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  ${temporary.map(name => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    listen 127.0.0.1:${tlsPort} ssl;
    ssl_certificate ${certificates}good.pem;
    ssl_certificate_key ${certificates}good-key.pem;
    root ${folder}/root;
  }
}
`
}
