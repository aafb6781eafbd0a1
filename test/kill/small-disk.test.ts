import {createHash} from 'node:crypto'
import {fileURLToPath} from 'node:url'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {runTransfer} from './strike.ts'
import type {Ending} from './strike.ts'

const script = fileURLToPath(new URL('small-disk.sh', import.meta.url))
const body = seededBytes(1_000_000, 41)

interface Attempt {
  /** Of the file system, as mount takes it. */
  readonly size: string
  /** Shell words before the transfer, with $disk for the folder. */
  readonly before?: string
  readonly after: string
}

/** Runs a transfer on a tmpfs of its own; `after` prints what is to be known of it. */
async function transferOn(
  origin: Origin,
  {size, before = ':', after}: Attempt
): Promise<Ending & {seen: string}> {
  const disk = join(scratchFolder(), 'disk')
  const order = {url: origin.url('/F'), options: {directory: disk, fileName: 'F'}}
  const ending = await runTransfer(order, ['unshare', '-m', 'sh', script, disk, size, before, after])
  expect(ending.outcome, `tmpfs can be mounted here (root and unshare): ${ending.complaints}`).toBeDefined()
  return {...ending, seen: ending.complaints}
}

const list = 'ls -A $disk | tr "\\n" " "'

it('finds out that the announced length does not fit, before a byte of it is asked to come in [fault 43]', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {body, entityTag: '"v1"'})
  const {outcome, seen} = await transferOn(origin, {size: '256k', after: list})
  expect(outcome).toMatchObject({state: 'failed', code: 'NO_SPACE'})
  expect(origin.requests).toHaveLength(1)
  expect(seen.trim()).toBe('')
})

it('keeps what fits of a body without length, is not told to try again, and goes on when there is room [fault 44, fault 48]', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {body, framing: 'chunked', entityTag: '"v1"'})
  const {outcome, seen} = await transferOn(origin, {
    size: '256k',
    after: `${list}; mount -o remount,size=4m $disk; "$@"; sha256sum <$disk/F; ${list}`
  })
  expect(outcome).toMatchObject({state: 'failed', code: 'NO_SPACE'})
  expect(seen).toMatch(/^F\.ferry F\.part /)
  expect(seen).toContain(createHash('sha256').update(body).digest('hex'))
  expect(seen.trim()).toMatch(/F$/)
  expect(origin.requests.map(request => request.header('range'))[0]).toBeUndefined()
  expect(origin.requests).toHaveLength(2)
  expect(Number(/\d+/.exec(origin.requests[1]?.header('range') ?? '')?.[0])).toBeGreaterThan(0)
})

it('leaves the old file when the disk is full to the last byte', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {body, entityTag: '"v1"'})
  const {outcome, seen} = await transferOn(origin, {
    size: '64k',
    before: 'printf old >$disk/F; cat /dev/zero >$disk/full 2>/dev/null || true',
    after: `cat $disk/F; echo; ${list}`
  })
  expect(outcome).toMatchObject({state: 'failed', code: 'NO_SPACE'})
  expect(seen.trim()).toBe('old\nF full')
})

it('asks nobody for a file that a read-only disk cannot take [fault 49]', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {body, entityTag: '"v1"'})
  const {outcome, seen} = await transferOn(origin, {
    size: '4m',
    before: 'mount -o remount,ro $disk',
    after: list
  })
  expect(outcome).toMatchObject({state: 'failed', code: 'WRITE_FAILED'})
  expect(origin.requests).toEqual([])
  expect(seen.trim()).toBe('')
})

it('ends with an error, and not by a signal, where files may not be that large [fault 46]', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {body, framing: 'chunked', entityTag: '"v1"'})
  const {outcome, seen} = await transferOn(origin, {size: '4m', before: 'ulimit -f 400', after: list})
  expect(outcome).toMatchObject({state: 'failed', code: 'NO_SPACE'})
  expect(seen.trim()).toBe('F.ferry F.part')
})

it('gets along with few open files [fault 56]', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {body, entityTag: '"v1"'})
  const {outcome, seen} = await transferOn(origin, {size: '4m', before: 'ulimit -n 40', after: list})
  expect(outcome).toMatchObject({state: 'completed'})
  expect(seen.trim()).toBe('F')
})
