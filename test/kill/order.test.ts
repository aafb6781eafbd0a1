import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect, it, onTestFinished} from 'vitest'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {pathsAround, traceTransfer} from './strike.ts'

// The temporary folder may lie in memory, where nothing is flushed.
function folderOnDisk(): string {
  const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))
  mkdirSync(cache, {recursive: true})
  const folder = mkdtempSync(join(cache, 'ferry-order-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  return folder
}

interface Step {
  readonly call: string
  readonly text: string
}

/** The calls of a transfer in the order in which they returned. */
async function stepsOf(size: number, limit: number | undefined): Promise<Step[]> {
  await using origin = await startOrigin()
  const fault = limit === undefined ? {} : {limit}
  origin.serve('/F', {body: seededBytes(size, 23), entityTag: '"v1"', fault})
  const directory = folderOnDisk()
  const ending = await traceTransfer(
    {url: origin.url('/F'), options: {directory, fileName: 'F'}},
    {
      paths: pathsAround(directory, 'F'),
      arguments: ['-s', '4000', '-e', 'trace=write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink']
    }
  )
  expect(ending.outcome, `strace runs here: ${ending.complaints}`).toMatchObject({state: 'completed'})
  return whole(ending.trace.replaceAll(`${directory}/`, '').replaceAll(directory, '.').split('\n'))
}

/** Puts together what strace had to split because another thread came in between. */
function whole(lines: readonly string[]): Step[] {
  const begun = new Map<string, string>()
  const steps: Step[] = []
  for (const line of lines) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const [, beginning] = /^(.*) <unfinished \.\.\.>$/.exec(rest) ?? []
    if (beginning !== undefined) begun.set(thread, beginning)
    else {
      const text = rest.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(thread) ?? '')
      const call = /^(\w+)\(/.exec(text)?.[1]
      if (call !== undefined) steps.push({call, text})
    }
  }
  return steps
}

// 2.5 s, so that two checkpoints fall into it.
it('lets resume data claim no byte that was not flushed before it [6.6, 65, order monitor]', async () => {
  const steps = await stepsOf(1_000_000, 400_000)
  let written = 0
  let flushed = 0
  let claimed = 0
  const claims: number[] = []
  for (const {call, text} of steps) {
    if (call === 'pwrite64') written = Math.max(written, positionAfter(text))
    // One flush may run beside later writes: it counts for what was written when it began, which is less.
    if (/^(fsync|fdatasync)$/.test(call) && text.includes('F.part>')) flushed = written
    const claim = /bytesReceived\\": (\d+)/.exec(text)?.[1]
    if (claim !== undefined) claimed = Number(claim)
    if (call === 'rename' && text.includes('"F.ferry"')) {
      claims.push(claimed)
      expect(claimed, text).toBeLessThanOrEqual(flushed)
    }
  }
  expect(claims.length, 'start, two checkpoints, commit').toBeGreaterThanOrEqual(4)
  expect(claims[0]).toBe(0)
  expect(claims.at(-1)).toBe(1_000_000)
})

it.each([
  ['a long file', 300_000],
  ['a file short enough for memory', 20_000]
])('flushes %s before it gets its name, and the folder after it [6.7, fact 3]', async (_what, size) => {
  const steps = await stepsOf(size, undefined)
  const index = (pattern: RegExp) => steps.findLastIndex(({text}) => pattern.test(text))
  const naming = index(/rename\("F\.part", "F"/)
  expect(naming).toBeGreaterThan(0)
  expect(index(/pwrite64\(\d+<F\.part>/)).toBeLessThan(index(/fsync\(\d+<F\.part>/))
  expect(index(/fsync\(\d+<F\.part>/)).toBeLessThan(naming)
  const folderFlush = steps.findIndex(({text}, at) => at > naming && /fsync\(\d+<\.>/.test(text))
  expect(folderFlush).toBeGreaterThan(naming)
  if (size > 64 * 1024) expect(index(/unlink\("F\.ferry"\)/)).toBeGreaterThan(folderFlush)
})

it('flushes nothing of the file where that was asked for [security 6.8]', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {body: seededBytes(20_000, 24), entityTag: '"v1"'})
  const directory = folderOnDisk()
  const {trace, outcome} = await traceTransfer(
    {url: origin.url('/F'), options: {directory, fileName: 'F', flush: 'never'}},
    {paths: [directory, join(directory, 'F.part')], arguments: ['-e', 'trace=fsync,fdatasync,rename']}
  )
  expect(outcome).toMatchObject({state: 'completed'})
  expect(trace).toContain('rename(')
  expect(trace).not.toContain('sync(')
})

function positionAfter(line: string): number {
  const [, length = '0', offset = '0'] = /, (\d+), (\d+)\) += \d+/.exec(line) ?? []
  return Number(length) + Number(offset)
}
