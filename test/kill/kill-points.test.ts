import {expect, it} from 'vitest'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {Stand} from './scene.ts'
import type {Scene} from './scene.ts'
import {pointsOf, strike} from './strike.ts'
import type {Blow, Point} from './strike.ts'

// FERRY_KILL_POINTS=all: every fault at every call of every scene. Otherwise those that take different paths.
const isFull = process.env['FERRY_KILL_POINTS'] === 'all'

const fresh: Scene = {name: 'a new file', before: 'nothing', size: 200_000, options: {ifExists: 'fail'}}
const replacing: Scene = {name: 'a file that replaces another', before: 'oldFile', size: 200_000}
const continued: Scene = {
  name: 'a continued file',
  before: 'partial',
  size: 200_000,
  options: {ifExists: 'fail'}
}
// Such a file is on disk without resume data for an instant, so that nobody can tell whose F.part it was.
const brief: Scene = {
  name: 'a file short enough for memory',
  before: 'oldFile',
  size: 20_000,
  mayLeave: ['F.part']
}

const lanes = 2

/** Strikes a scene at each of its points, some at a time, and tells what went wrong. */
async function strikeEverywhere(scene: Scene, blow: Blow, calls = /./): Promise<string[]> {
  const stands = await Promise.all(Array.from({length: lanes}, () => Stand.of(scene, scratchFolder())))
  await using disposal = new AsyncDisposableStack()
  for (const stand of stands) disposal.use(stand)
  stands[0]?.prepare()
  const points = (await pointsOf(stands[0]!.order)).filter(({call}) => calls.test(call))
  expect(points.length).toBeGreaterThan(0)
  const faults: string[] = []
  await Promise.all(
    stands.map(async stand => {
      for (let point = points.shift(); point; point = points.shift()) {
        const fault = await strikeOnce(stand, {point, blow})
        if (fault) faults.push(fault)
      }
    })
  )
  return faults
}

async function strikeOnce(
  stand: Stand,
  {point, blow}: {point: Point; blow: Blow}
): Promise<string | undefined> {
  stand.prepare()
  const ending = await strike(stand.order, {point, blow})
  try {
    // How many writes a body takes differs from run to run.
    const isHit = ending.signal === 'SIGKILL' || (point.call === 'pwrite64' && ending.code === 0)
    if (blow === 'signal=KILL') expect(isHit, 'the kill hit').toBe(true)
    else expect(ending.outcome, `an outcome and no crash: ${ending.complaints}`).toBeDefined()
    if (ending.code === 0) stand.assertWhole()
    stand.assertNeverWrong()
    await stand.repair()
    return undefined
  } catch (error) {
    const [reason] = String(error).split('\n')
    return `${point.call} ${point.place} #${point.n}: ${JSON.stringify(ending.outcome)}: ${reason}`
  }
}

// A file that replaces another differs from a new one only in how it gets its name.
const killings = [
  {scene: fresh, calls: /./},
  {scene: replacing, calls: isFull ? /./ : /rename|unlink|fchmod/},
  {scene: continued, calls: /./},
  {scene: brief, calls: /./}
]

it.each(killings)(
  '$scene.name is whole or as before when killed at any call on its files, and the next run tidies up [fault 58]',
  async ({scene, calls}) => {
    expect(await strikeEverywhere(scene, 'signal=KILL', calls)).toEqual([])
  }
)

const errors = [
  {scene: fresh, blow: 'error=ENOSPC', calls: /write|ftruncate|openat/},
  {scene: continued, blow: 'error=EIO', calls: /./}
] as const
const allErrors = [fresh, replacing, continued, brief].flatMap(scene =>
  (['error=EIO', 'error=ENOSPC'] as const).map(blow => ({scene, blow, calls: /./}))
)

it.each(isFull ? allErrors : errors)(
  '$scene.name is whole or as before when any call says $blow, and the next run tidies up [fault 45, fault 46, fault 47]',
  async ({scene, blow, calls}) => {
    expect(await strikeEverywhere(scene, blow, calls)).toEqual([])
  }
)
