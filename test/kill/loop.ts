import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {seededRandom} from '../origin/seeded-bytes.ts'
import {binaryDriver, engineDriver} from './driver.ts'
import {Lane} from './lane.ts'
import type {Round} from './lane.ts'
import {PacedResource, startPacedOrigin} from './paced-origin.ts'
import {playRounds} from './rounds.ts'

// npm run test:kill -- N [seed] [--engine]: N rounds of SIGKILL at a random moment, then continue and compare.
const {values, positionals} = parseArgs({allowPositionals: true, options: {engine: {type: 'boolean'}}})
const rounds = Number(positionals[0] ?? 20)
const seed = Number(positionals[1] ?? Date.now() % 1_000_000)
if (!Number.isSafeInteger(rounds) || !Number.isSafeInteger(seed))
  throw new Error('usage: N [seed] [--engine]')

const root = mkdtempSync(join(tmpdir(), 'ferry-kill-'))
const driver = values.engine ? engineDriver() : binaryDriver(root)
const size = Math.round((4 + 4 * seededRandom(seed)()) * 1024 * 1024)
const resources = [0, 1].map(lane => new PacedResource({size, seed: seed + lane}, size / 0.3))
const origin = await startPacedOrigin(resources)
const lanes = resources.map(
  (resource, lane) => new Lane({driver, resource, url: origin.url(`/${lane}`), root: join(root, `${lane}`)})
)
const started = performance.now()
const results = await playRounds({lanes, count: rounds, seed}, (lane, random, round) =>
  lane.round(random, round % 2 ? 'begun' : 'fresh')
).finally(async () => {
  await origin.close()
  rmSync(root, {recursive: true, force: true})
})

const sum = (pick: (round: Round) => number) => results.reduce((total, round) => total + pick(round), 0)
const kills = sum(round => round.kills)
const faults = {wrong: sum(round => round.wrong), orphans: sum(round => round.orphans)}
console.log(
  `${driver.name}: ${results.length} rounds, seed ${seed}, ${size} bytes: ${kills} kills, ` +
    `${sum(round => round.midTransfer)} mid-transfer, ${faults.wrong} wrong files, ${faults.orphans} orphans, ` +
    `${Math.round(sum(round => round.twice) / Math.max(1, kills))} bytes fetched twice per kill, ` +
    `${((performance.now() - started) / 1000).toFixed(1)} s`
)
const failed = faults.wrong + faults.orphans + sum(round => round.faults.length) > 0
process.exitCode = failed || results.length < rounds ? 1 : 0
