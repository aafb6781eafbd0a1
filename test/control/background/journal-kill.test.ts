import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {describe, expect, it, onTestFinished} from 'vitest'
import type {Journal} from '../../../src/control/background/journal.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {openedJournal} from './journal-stage.ts'

const writer = fileURLToPath(new URL('journal-writer.ts', import.meta.url))
const rounds = 12

/** What a process has said it did until it was killed, at a moment that nobody has chosen. */
async function untilKilled(folder: string, round: number): Promise<readonly (readonly string[])[]> {
  const child = spawn(process.execPath, [writer, folder, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: string[] = []
  const lines = createInterface({input: child.stdout})
  lines.on('line', line => said.push(line))
  await once(lines, 'line')
  await sleep(Math.random() * 60)
  child.kill('SIGKILL')
  await once(child, 'close')
  return said.map(line => line.split(' '))
}

/** Proves that there is no half of anything. */
function expectWhole(journal: Journal): void {
  const events = journal.events('s', {after: -1, limit: 1_000_000})
  expect(events.map(({seq}) => seq)).toEqual([...events.keys()])
  const told = (name: string): readonly (string | null)[] =>
    events.filter(({event}) => event === name).map(({task}) => task)
  const tasks = journal.tasks({which: 'all'})
  expect(told('task.created')).toEqual(tasks.map(({submitted}) => submitted.id))
  const ended = tasks.filter(({state}) => state === 'completed').map(({submitted}) => submitted.id)
  expect(told('task.completed').toSorted()).toEqual(ended.toSorted())
  const batches = Map.groupBy(tasks, ({submitted}) => submitted.label)
  for (const batch of batches.values()) expect(batch).toHaveLength(3)
}

describe('A journal whose daemon is killed at any moment', () => {
  it('has what it had said, no half of a change, and each end once [B3]', async () => {
    const folder = scratchFolder()
    const order = ['waiting', 'running', 'completed']
    const known = new Map<string, string>()
    for (let round = 0; round < rounds; round++) {
      for (const [word = '', ...ids] of await untilKilled(folder, round)) {
        expect(word).not.toBe('report')
        for (const id of ids) known.set(id, word === 'submitted' ? 'waiting' : word)
      }
      const {journal, reports} = await openedJournal(folder)
      expect(reports).toEqual([])
      for (const [id, state] of known) {
        const {state: found = ''} = journal.task(id) ?? {}
        expect(order.indexOf(found), `${id} was ${state}`).toBeGreaterThanOrEqual(order.indexOf(state))
      }
      expectWhole(journal)
      journal.close()
    }
    expect(known.size).toBeGreaterThan(rounds * 3)
  }, 300_000)
})
