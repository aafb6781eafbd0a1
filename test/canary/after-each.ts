import {afterEach, expect} from 'vitest'
import {takeLeaks} from './canary.ts'

afterEach(() => {
  expect(takeLeaks(), 'secrets where they do not belong').toEqual([])
})
