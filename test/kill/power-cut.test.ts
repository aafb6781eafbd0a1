import {execFileSync, spawn} from 'node:child_process'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {mayMount} from './may-mount.ts'

const script = fileURLToPath(new URL('power-cut.sh', import.meta.url))
const transfer = fileURLToPath(new URL('transfer.ts', import.meta.url))
const body = seededBytes(3_000_000, 31)
const old = Buffer.from('what the target held before')

/** Runs the script in a mount namespace of its own: nothing of it is seen outside, nor stays mounted. */
async function cutPower(folder: string, url: string): Promise<string> {
  const order = (directory: string) => JSON.stringify({url, options: {directory, fileName: 'F'}})
  const words = [folder, process.execPath, transfer, order(join(folder, 'disk')), order(join(folder, 'copy'))]
  const child = spawn('unshare', ['-m', 'sh', script, ...words])
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  const code = await new Promise(resolve => child.on('close', resolve))
  expect(code, said).toBe(0)
  return said
}

it.runIf(mayMount())(
  'a copy of the disk taken at any moment continues to the right file, and shows no other before [fault 65, promise 12]',
  async () => {
    await using origin = await startOrigin()
    // 3.3 s for the whole, of the first request only. The second checkpoint's flush lets the first one survive: its folder
    // is not flushed by itself, because to lose newer resume data is safe (security 6.6).
    origin.serve('/F', {body, entityTag: '"v1"', faults: [{limit: 900_000}]})
    const folder = scratchFolder()
    execFileSync('sh', ['-c', 'truncate -s 24M image && mkfs.ext4 -q image'], {cwd: folder})
    const seen = new Map<string, number>()
    const report = await cutPower(folder, origin.url('/F'))
    const lines = report.split('\n').filter(line => line.startsWith('copy '))
    expect(lines.length, report).toBeGreaterThan(8)
    for (const line of lines) {
      const [, number, before, beside, outcome, after, left] = line.split(' ')
      const isOldOrNew = [digest(folder, old), digest(folder, body)].includes(before ?? '')
      expect(isOldOrNew, `copy ${number} shows the old file or the whole new one: ${line}`).toBe(true)
      expect(outcome, `copy ${number}: ${line}`).toBe('0')
      expect(after, `copy ${number} is right in the end: ${line}`).toBe(digest(folder, body))
      expect(left, `copy ${number} leaves nothing: ${line}`).toBe('F,')
      seen.set(beside ?? '', (seen.get(beside ?? '') ?? 0) + 1)
    }
    expect(
      [...seen.keys()].some(beside => beside.includes('F.part')),
      'some copies are from the middle'
    ).toBe(true)
    const ranges = origin.requests.map(request => request.header('range'))
    expect(
      ranges.some(range => range !== undefined),
      'some copies continue at a checkpoint'
    ).toBe(true)
  }
)

function digest(folder: string, bytes: Buffer): string {
  const text = execFileSync('sha256sum', {input: bytes, cwd: folder}).toString()
  return text.slice(0, 16)
}
