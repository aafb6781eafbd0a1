import {afterAll, afterEach, expect} from 'vitest'
import {takeLeaks} from './canary.ts'

function expectNoLeak(): void {
  expect(takeLeaks(), 'secrets where they do not belong').toEqual([])
}

afterEach(expectNoLeak)
// What a test has left on disk is looked at when it is cleared away, and that is after its own end.
afterAll(expectNoLeak)
