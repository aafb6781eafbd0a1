import fc from 'fast-check'
import {expect, it} from 'vitest'
import type {DraftVersion} from '../../resumable-upload/dialect.ts'
import type {Fault} from '../../resumable-upload/fault.ts'
import {openStage} from './resumable-stage.ts'

const size = 200_000
const bytes = fc.integer({min: 0, max: size})
const breaking: fc.Arbitrary<Fault> = fc.record({after: bytes, connection: fc.constantFrom('reset', 'fin')})
const failing: fc.Arbitrary<Fault> = fc.record({after: bytes, status: fc.constantFrom(500, 502, 503)})
const content = fc.array(fc.oneof(breaking, failing), {maxLength: 4})
const questions = fc.array(
  fc.constantFrom<Fault | undefined>(undefined, {status: 503}, {connection: 'reset'}),
  {maxLength: 3}
)

const scenes = fc.record({
  interopVersion: fc.constantFrom<DraftVersion>(3, 5, 6, 7, 8),
  progressEvery: fc.constantFrom(10_000, 70_000),
  mode: fc.constantFrom('careful' as const, 'optimistic' as const),
  maxAppendSize: fc.constantFrom(30_000, 150_000, size),
  append: content,
  create: fc.array(breaking, {maxLength: 1}),
  state: questions
})

it('brings every byte to the server once, whatever breaks on the way', {timeout: 60_000}, async () => {
  await fc.assert(
    fc.asyncProperty(scenes, async ({interopVersion, progressEvery, mode, maxAppendSize, ...faults}) => {
      const hasLimits = interopVersion > 3
      const stage = await openStage({
        size,
        server: {interopVersion, progressEvery, faults, ...(hasLimits && {limits: {maxAppendSize}})},
        uploads: {mode},
        configuration: {retry: {attempts: 20, delay: 0.001}}
      })
      expect(await stage.send()).toMatchObject({state: 'completed'})
      const [resource] = stage.server.resources.filter(({isComplete}) => isComplete)
      expect(resource?.content.equals(stage.content)).toBe(true)
      const stored = resource?.stored.reduce((sum, {first, end}) => sum + end - first, 0)
      expect(stored).toBe(size)
      expect(stage.server.takeViolations()).toEqual([])
    }),
    {numRuns: 25}
  )
})
