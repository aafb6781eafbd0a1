import {describe, expect, it} from 'vitest'
import {standardInputDelegate} from '../../src/commands/upload/standard-input.ts'
import type {SessionDelegate} from '../../src/engine/index.ts'

type Giving = Required<Pick<SessionDelegate, 'needNewBodyStream'>>

describe('Standard input', () => {
  it('is given to an upload once, and then there is none any more', () => {
    const {needNewBodyStream} = standardInputDelegate() as Giving
    const task = {} as Parameters<Giving['needNewBodyStream']>[0]
    expect(needNewBodyStream(task, 'initial')).toBe(process.stdin)
    expect(needNewBodyStream(task, 'retry')).toBeUndefined()
  })
})
