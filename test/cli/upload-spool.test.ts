import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, vi} from 'vitest'
import {startFerry} from '../cli-run/ferry.ts'
import type {LiveFerry} from '../cli-run/ferry.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {patience} from '../scratch/patience.ts'
import {Crossing, firstBytes, whole} from './crossing.ts'
import {filesIn} from './files-in.ts'
import {uploadCrossing} from './upload-crossing.ts'
import type {UploadCrossing} from './upload-crossing.ts'

/** The names in the folder of uploads. */
const left = ({home}: Crossing): string[] => filesIn(join(home, 'state', 'uploads')).map(({path}) => path)
const copies = (crossing: Crossing): string[] => left(crossing).filter(name => /^spool-[^.]+$/.test(name))

const piped = (crossing: Crossing, words: readonly string[]): LiveFerry =>
  startFerry(['upload', '--spool', ...words], {...crossing.options, input: whole})

/** An origin that takes what is sent to /silent and never says a word. */
async function openOrigin(): Promise<Origin> {
  const origin = await startOrigin()
  origin.on('/silent', () => new Promise(() => {}))
  return origin
}

async function killed(ferry: LiveFerry): Promise<void> {
  ferry.kill('SIGKILL')
  await ferry.done
}

/** Kills an upload of standard input whose server has named it, and stored the first bytes: its resume data. */
async function killedHalfway(crossing: UploadCrossing, flags: readonly string[]): Promise<string> {
  const ferry = piped(crossing, [...flags, '-', crossing.url])
  const folders = [crossing.cwd, join(crossing.home, 'state', 'uploads')]
  const records = (): string[] =>
    folders.flatMap(folder => filesIn(folder).map(({path}) => join(folder, path))).filter(isRecord)
  await vi.waitFor(() => {
    expect(crossing.resource.offset).toBe(firstBytes)
    expect(records()).toHaveLength(1)
  }, patience)
  await killed(ferry)
  return records()[0] ?? ''
}

const isRecord = (path: string): boolean => path.endsWith('.ferry')

describe('The copy that --spool makes', () => {
  it('is removed by a later run, where its own was killed and nothing can be continued', async () => {
    await using origin = await openOrigin()
    const crossing = new Crossing()
    const ferry = piped(crossing, ['-', origin.url('/silent')])
    await origin.untilRequests(1, '/silent')
    expect(copies(crossing)).toHaveLength(1)
    await killed(ferry)
    expect(copies(crossing)).toHaveLength(1)
    writeFileSync(crossing.path('F'), 'another')
    expect(await crossing.run(['upload', 'F', origin.url('/status/200')])).toMatchObject({code: 22})
    expect(left(crossing)).toEqual([])
  })

  it('is removed although standard input had not ended yet', async () => {
    await using origin = await openOrigin()
    const crossing = new Crossing()
    const words = ['upload', '--spool', '-', origin.url('/silent')]
    const ferry = startFerry(words, {...crossing.options, input: 'the beginning', stdin: 'open'})
    await vi.waitFor(() => expect(copies(crossing)).toHaveLength(1), patience)
    await killed(ferry)
    expect(await crossing.run(['upload', '-d', 'x', origin.url('/none')])).toMatchObject({code: 22})
    expect(left(crossing)).toEqual([])
  })

  it('stays as long as its own run goes on', async () => {
    await using origin = await openOrigin()
    const crossing = new Crossing()
    const ferry = piped(crossing, ['-', origin.url('/silent')])
    await origin.untilRequests(1, '/silent')
    await crossing.run(['upload', '-d', 'x', origin.url('/none')])
    expect(copies(crossing)).toHaveLength(1)
    ferry.kill('SIGTERM')
    expect(await ferry.done).toMatchObject({code: 143})
    expect(left(crossing)).toEqual([])
  })

  it.each([
    ['in the folder of ferry', []],
    ['in a file of its own', ['--resume-data', 'mine.ferry']]
  ])('stays where there is resume data %s, and goes with it', async (_where, flags) => {
    await using origin = await openOrigin()
    const crossing = await uploadCrossing()
    const record = await killedHalfway(crossing, flags)
    await crossing.run(['upload', '-d', 'x', origin.url('/none')])
    expect(copies(crossing)).toHaveLength(1)
    const run = await crossing.run(['resume', record])
    expect(run, run.stderr).toMatchObject({code: 0})
    crossing.expectStored()
    expect(left(crossing)).toEqual([])
  })
})
