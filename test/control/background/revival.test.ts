import {mkdirSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {claimRevival} from '../../../src/control/background/daemon/revival.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

/** A state folder in which a daemon was started so many milliseconds ago, and has logged that since. */
function startedBefore(age: number, words?: string): string {
  const state = scratchFolder()
  const folder = join(state, 'background')
  mkdirSync(folder, {mode: 0o700})
  expect(claimRevival(state, 'listening')).toEqual({kind: 'start'})
  const then = (Date.now() - age) / 1000
  utimesSync(join(folder, 'revived'), then, then)
  const log = words === undefined ? '' : `${new Date().toISOString()} 17 ${words}\n`
  writeFileSync(join(folder, 'daemon.log'), log, {mode: 0o600})
  return state
}

describe('A daemon that was started for tasks that wait', () => {
  it('is not started a second time while it begins', () => {
    expect(claimRevival(startedBefore(500), 'listening')).toEqual({kind: 'wait'})
  })

  it('is started again soon where it was killed before it had begun', () => {
    const state = startedBefore(3000)
    expect(claimRevival(state, 'listening')).toEqual({kind: 'start'})
    expect(claimRevival(state, 'listening')).toEqual({kind: 'wait'})
  })

  it.each(['cannot begin', 'ends with a fault of its own'])(
    'is not started again for a minute where it %s, and that is said once, to those who want to hear',
    words => {
      const state = startedBefore(3000, `${words}: the disk is full`)
      expect(claimRevival(state, 'quiet')).toEqual({kind: 'wait'})
      expect(claimRevival(state, 'listening')).toEqual({kind: 'say', reason: 'the disk is full'})
      expect(claimRevival(state, 'listening')).toEqual({kind: 'wait'})
      expect(claimRevival(startedBefore(61_000, `${words}: why`), 'listening')).toEqual({kind: 'start'})
    }
  )
})
