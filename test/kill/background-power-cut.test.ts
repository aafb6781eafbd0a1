import {execFileSync, spawn} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {digestOf} from './digest-of.ts'
import {mayMount} from './may-mount.ts'

interface Continued {
  readonly copy: number
  readonly code: number | null
  readonly complaints: string
  /** Digests by name. */
  readonly before: Readonly<Record<string, string>>
  readonly after: Readonly<Record<string, string>>
  readonly faults: readonly string[]
  readonly log: string
}

const program = fileURLToPath(new URL('background-power-cut.ts', import.meta.url))
const bodies = [60_000, 500_000, 1_000_000, 1_500_000].map((size, index) => seededBytes(size, 51 + index))
const digests = Object.fromEntries(bodies.map((body, index) => [String(index), digestOf(body)]))

it.runIf(mayMount())(
  'after a power cut at any moment another daemon has every task that was accepted, ends each once, and every file is right [fault 65]',
  async () => {
    await using origin = await startOrigin()
    // Of the first request only: what is continued is quick.
    for (const [index, body] of bodies.entries())
      origin.serve(`/${index}`, {body, entityTag: '"v1"', faults: [{limit: 350_000}]})
    const folder = scratchFolder()
    execFileSync('sh', ['-c', 'truncate -s 40M image && mkfs.ext4 -q image'], {cwd: folder})
    mkdirSync(join(folder, 'disk'))
    const words = ['-m', process.execPath, program, folder, origin.url(''), String(bodies.length)]
    const child = spawn('unshare', words, {stdio: ['ignore', 'pipe', 'pipe']})
    const [said, complaints, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise(resolve => child.on('close', resolve))
    ])
    expect(code, complaints).toBe(0)
    const continued = said
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Continued)
    expect(continued.length).toBeGreaterThan(8)
    for (const each of continued) {
      const why = JSON.stringify(each)
      expect(each.faults, why).toEqual([])
      expect(each.code, why).toBe(0)
      expect(each.after, why).toEqual(digests)
      expect(each.log, why).not.toMatch(/damaged/)
      for (const [name, digest] of Object.entries(each.before))
        if (Object.hasOwn(digests, name))
          expect(digest, `${name} has its name only when it is whole: ${why}`).toBe(digests[name])
    }
    const isFromTheMiddle = ({before}: Continued): boolean =>
      Object.keys(before).some(name => name.endsWith('.part'))
    expect(continued.filter(isFromTheMiddle).length).toBeGreaterThan(3)
    const ranges = origin.requests.filter(request => request.header('range') !== undefined)
    expect(ranges.length, 'some copies continue at a checkpoint').toBeGreaterThan(0)
  }
)
