import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {seededRandom} from '../origin/seeded-bytes.ts'
import {startDraftServer} from '../resumable-upload/draft-server.ts'
import {BackgroundLane} from './background-lane.ts'
import type {BackgroundRound} from './background-lane.ts'
import {BackgroundServer} from './background-server.ts'
import {binaryDriver} from './driver.ts'

// npm run test:kill:background -- N [seed]: N rounds in which the daemon is killed while it has fifty tasks.
const rounds = Number(process.argv[2] ?? 20)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
if (!Number.isSafeInteger(rounds) || !Number.isSafeInteger(seed)) throw new Error('usage: N [seed]')

const root = mkdtempSync(join(tmpdir(), 'ferry-kd-'))
const {program} = binaryDriver(root)
const results: BackgroundRound[] = []
const started = performance.now()
let next = 0

async function runLane(name: string): Promise<void> {
  await using server = await BackgroundServer.start()
  const drafts = await startDraftServer()
  try {
    const lane = new BackgroundLane({root: join(root, name), program, server, drafts})
    await lane.measure(seededRandom(seed))
    while (next < rounds) {
      const number = next++
      const result = await lane.round(number, seededRandom(seed * 7919 + number))
      results.push(result)
      for (const fault of result.faults) console.error(`round ${number}: ${fault}`)
    }
    // Whoever was killed before it could read the answer may ask.
    const serious = drafts.takeViolations().filter(each => !/^HEAD after .* was completed$/.test(each))
    if (serious.length > 0) throw new Error(`A client has broken rules: ${serious.join('; ')}`)
  } finally {
    drafts.takeViolations()
    await drafts.close()
  }
}

try {
  await Promise.all(['1', '2'].map(runLane))
} finally {
  rmSync(root, {recursive: true, force: true})
}

const sum = (pick: (round: BackgroundRound) => number) =>
  results.reduce((total, round) => total + pick(round), 0)
const kills = sum(round => round.kills)
const faults = sum(round => round.faults.length)
console.log(
  `${results.length} rounds of 50 tasks, seed ${seed}: ${kills} daemons killed, ` +
    `${sum(round => round.midTransfer)} mid-transfer, ${faults} faults, ` +
    `${Math.round(sum(round => round.twice) / Math.max(1, kills))} bytes fetched twice per kill, ` +
    `${((performance.now() - started) / 1000).toFixed(1)} s`
)
process.exitCode = faults > 0 || results.length < rounds ? 1 : 0
