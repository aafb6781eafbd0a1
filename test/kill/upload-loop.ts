import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {seededBytes, seededRandom} from '../origin/seeded-bytes.ts'
import {binaryDriver} from './driver.ts'
import {playRounds} from './rounds.ts'
import {UploadLane} from './upload-lane.ts'
import type {UploadRound} from './upload-lane.ts'
import {startUploadPlaces} from './upload-places.ts'

// npm run test:kill:uploads -- N [seed]: N rounds of SIGKILL at a random moment of an upload, then continue and compare.
const rounds = Number(process.argv[2] ?? 20)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
if (!Number.isSafeInteger(rounds) || !Number.isSafeInteger(seed)) throw new Error('usage: N [seed]')

const root = mkdtempSync(join(tmpdir(), 'ferry-kill-uploads-'))
const {program} = binaryDriver(root)
const size = Math.round((3 + 3 * seededRandom(seed)()) * 1024 * 1024)
const {places, close} = await startUploadPlaces()
const lanes = places.map(
  (place, lane) =>
    new UploadLane({
      place,
      program,
      root: join(root, `${lane}`),
      content: seededBytes(size, seed + lane),
      rate: Math.round(size / 0.4)
    })
)
const started = performance.now()
const results = await playRounds({lanes, count: rounds, seed}, (lane, random) => lane.round(random)).finally(
  async () => {
    await close()
    rmSync(root, {recursive: true, force: true})
  }
)

const sum = (pick: (round: UploadRound) => number) => results.reduce((total, round) => total + pick(round), 0)
const faults = sum(round => round.faults.length)
console.log(
  `${results.length} rounds, seed ${seed}, ${size} bytes: ${sum(round => round.kills)} kills, ` +
    `${sum(round => round.midTransfer)} mid-transfer, ${faults} faults, ${sum(round => round.twice)} bytes stored twice, ` +
    `${sum(round => round.abandoned)} uploads begun and abandoned, ${((performance.now() - started) / 1000).toFixed(1)} s`
)
process.exitCode = faults > 0 || results.length < rounds ? 1 : 0
