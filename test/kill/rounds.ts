import {seededRandom} from '../origin/seeded-bytes.ts'

interface Rounds<Lane> {
  readonly lanes: readonly Lane[]
  readonly count: number
  readonly seed: number
}

/** Plays rounds side by side, each lane the next one as soon as it is free, and says of each what went wrong. */
export async function playRounds<Lane extends {measure(): Promise<void>}, Round extends {faults: string[]}>(
  {lanes, count, seed}: Rounds<Lane>,
  play: (lane: Lane, random: () => number, round: number) => Promise<Round>
): Promise<readonly Round[]> {
  const results: Round[] = []
  for (const lane of lanes) await lane.measure()
  let next = 0
  await Promise.all(
    lanes.map(async lane => {
      while (next < count) {
        const round = next++
        const result = await play(lane, seededRandom(seed * 7919 + round), round)
        results.push(result)
        for (const fault of result.faults) console.error(`round ${round}: ${fault}`)
      }
    })
  )
  return results
}
