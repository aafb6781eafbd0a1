import {mkdirSync, readFileSync, readdirSync} from 'node:fs'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {locateProgram} from './program.ts'

const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const strace = (): string => locateProgram({name: 'strace', package: 'strace'})

// Every call that makes, changes, renames or removes something on disk.
const calls =
  'trace=openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,' +
  'symlinkat,mknod,mknodat,chmod,fchmodat,chown,fchownat,truncate,utimensat,bind'
const harmless = /O_RDONLY|ENOENT|"\/dev\/(null|tty)"|\/proc\/self/

interface Watched {
  /** Paths of everything that the run made or changed, or tried to. */
  readonly touched: readonly string[]
  readonly home: string
  readonly cwd: string
}

/** Runs ferry below strace, with all that it could call its own inside one folder. */
async function watch(args: readonly string[]): Promise<Watched> {
  const [home, cwd, aside] = [scratchFolder(), scratchFolder(), scratchFolder()]
  const log = join(aside, 'trace')
  const temporary = join(home, 'tmp')
  mkdirSync(temporary)
  const env = {PATH: process.env['PATH'], HOME: home, FERRY_HOME: join(home, 'ferry'), TMPDIR: temporary}
  const words = ['-f', '-qq', '-e', calls, '-o', log, process.execPath, binary, ...args]
  const [code] = (await once(spawn(strace(), words, {cwd, env, stdio: 'ignore'}), 'exit')) as [number]
  expect(code).toBe(0)
  const lines = readFileSync(log, 'latin1').split('\n')
  const changes = lines.filter(line => /^\d+ +\w+\(/.test(line) && !harmless.test(line))
  const touched = changes.flatMap(line => [...line.matchAll(/"([^"]+)"/g)].map(([, path = '']) => path))
  return {touched, home, cwd}
}

async function generousOrigin(): Promise<Origin> {
  const origin = await startOrigin()
  origin.on('/F', (_request, reply) =>
    reply.respond(
      200,
      {'set-cookie': 'a=1; Max-Age=600', 'cache-control': 'max-age=600', etag: '"v1"'},
      'content'
    )
  )
  return origin
}

describe('an ephemeral run', () => {
  it('touches nothing on disk but what was asked for: not a store, a folder, a socket, a temporary file [R8]', async () => {
    await using origin = await generousOrigin()
    const {touched, home, cwd} = await watch(['get', '--ephemeral', origin.url('/F')])
    // Where the file is not here at once there is also the lock beside it.
    const wanted = ['F', 'F.part', 'F.lock'].map(name => join(cwd, name))
    expect(touched.filter(path => !wanted.includes(path))).toEqual([])
    expect(touched).toContain(join(cwd, 'F'))
    expect(readdirSync(home)).toEqual(['tmp'])
    expect(readdirSync(cwd)).toEqual(['F'])
  })

  it('of a data task touches nothing at all, where the shared session makes its store [R8, R7]', async () => {
    await using origin = await generousOrigin()
    expect((await watch(['get', '--ephemeral', '-o', '-', origin.url('/F')])).touched).toEqual([])
    const shared = await watch(['get', '-o', '-', origin.url('/F')])
    expect(shared.touched).toContain(join(shared.home, 'ferry', 'state', 'stores.sqlite'))
  })
})
