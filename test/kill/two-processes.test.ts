import {mkdirSync, readFileSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {runTransfer} from './strike.ts'

function ending({outcome}: Awaited<ReturnType<typeof runTransfer>>): string {
  if (!outcome) return 'crashed'
  const {code, message} = outcome
  return code === undefined || code === 'BUSY' ? (code ?? outcome.state) : `${code} (${message})`
}

const rounds = Number(process.env['FERRY_RACES'] ?? 50)

it.each([
  ['short enough for memory', 20_000, Math.ceil(rounds / 2)],
  ['longer', 400_000, rounds]
])(
  'two processes on one target: one right file, the loser is told, nothing is left [62, P13]: %s, %i bytes, %i times',
  async (_length, size, times) => {
    await using origin = await startOrigin()
    const body = seededBytes(size, 21)
    origin.serve('/F', {body, entityTag: '"v1"', fault: {limit: size * 20}})
    const folder = join(scratchFolder(), 'd')
    const endings: Record<string, number> = {}
    for (let round = 0; round < times; round++) {
      mkdirSync(folder)
      const order = {url: origin.url('/F'), options: {directory: folder, fileName: 'F'}}
      const both = await Promise.all([
        runTransfer(order),
        runTransfer({...order, delay: (round * 50) / times})
      ])
      const states = both.map(ending).toSorted()
      endings[states.join(' and ')] = (endings[states.join(' and ')] ?? 0) + 1
      expect(readdirSync(folder), `round ${round}: ${states.join(' and ')}`).toEqual(['F'])
      expect(readFileSync(join(folder, 'F')).equals(body), `round ${round}`).toBe(true)
      rmSync(folder, {recursive: true})
    }
    const {'BUSY and completed': oneBusy = 0, 'completed and completed': bothDone = 0} = endings
    expect(oneBusy + bothDone, JSON.stringify(endings)).toBe(times)
  },
  60_000 + rounds * 10_000
)

it('never gives two that run at once the right to the same partial file [fault 62, promise 13]', async () => {
  await using origin = await startOrigin()
  const body = seededBytes(300_000, 22)
  const gate = Promise.withResolvers<void>()
  origin.serve('/F', {body, entityTag: '"v1"', fault: {holdAfter: {bytes: 200_000, until: gate.promise}}})
  const folder = scratchFolder()
  const order = {url: origin.url('/F'), options: {directory: folder, fileName: 'F'}}
  const winner = runTransfer(order)
  await expect.poll(() => readdirSync(folder), {timeout: 5000}).toContain('F.part')
  const losers = await Promise.all([runTransfer(order), runTransfer(order)])
  for (const {outcome} of losers) expect(outcome).toMatchObject({state: 'failed', code: 'BUSY'})
  expect(origin.requests).toHaveLength(1)
  gate.resolve()
  expect((await winner).outcome).toMatchObject({state: 'completed'})
  expect(readdirSync(folder)).toEqual(['F'])
})
