import {describe, expect, it} from 'vitest'
import {verdictOf} from '../../../src/control/background/dispatcher/running-verdict.ts'
import type {Intent, Verdict} from '../../../src/control/background/dispatcher/running-verdict.ts'
import {TransferError} from '../../../src/engine/index.ts'
import type {TaskOutcome} from '../../../src/engine/index.ts'

const outcomes = {
  completed: {state: 'completed'},
  paused: {state: 'paused', resumeData: '/F.ferry'},
  cancelled: {state: 'cancelled'},
  failed: {state: 'failed', error: new TransferError('HTTP_STATUS', '404')},
  full: {state: 'failed', error: new TransferError('NO_SPACE', 'full')},
  fullAndKept: {state: 'failed', error: new TransferError('NO_SPACE', 'full'), resumeData: '/F.ferry'},
  readOnly: {state: 'failed', error: new TransferError('WRITE_FAILED', 'no')}
} as const satisfies Record<string, TaskOutcome>

const held: Verdict = {kind: 'setAside', state: 'held', waitsFor: 'somebody'}
const waiting: Verdict = {kind: 'setAside', state: 'waiting', waitsFor: 'somebody'}
const forSpace: Verdict = {kind: 'setAside', state: 'waiting', waitsFor: 'space'}
const discarded: Verdict = {kind: 'ended', state: 'cancelled', remains: 'discarded'}
const ended = (state: TaskOutcome['state']): Verdict => ({kind: 'ended', state, remains: 'kept'})

describe('What the end of an engine task means', () => {
  it.each<[Intent, keyof typeof outcomes, Verdict]>([
    ['run', 'completed', ended('completed')],
    ['hold', 'completed', ended('completed')],
    ['cancel', 'completed', ended('completed')],
    ['end', 'completed', ended('completed')],
    ['run', 'failed', ended('failed')],
    ['hold', 'failed', ended('failed')],
    ['wait', 'failed', ended('failed')],
    ['run', 'readOnly', ended('failed')],
    ['run', 'full', forSpace],
    ['run', 'fullAndKept', forSpace],
    ['hold', 'full', held],
    ['wait', 'fullAndKept', waiting],
    ['pause', 'fullAndKept', ended('paused')],
    ['pause', 'full', ended('failed')],
    ['pause', 'paused', ended('paused')],
    ['pause', 'cancelled', ended('cancelled')],
    ['hold', 'paused', held],
    ['hold', 'cancelled', held],
    ['wait', 'paused', waiting],
    ['wait', 'cancelled', waiting],
    ['cancel', 'cancelled', discarded],
    ['cancel', 'paused', discarded],
    ['cancel', 'full', discarded],
    ['end', 'paused', ended('cancelled')],
    ['end', 'cancelled', ended('cancelled')],
    ['end', 'fullAndKept', ended('cancelled')],
    ['run', 'cancelled', ended('cancelled')]
  ])('of which one wants "%s", and which is %s', (intent, outcome, verdict) => {
    expect(verdictOf(intent, outcomes[outcome])).toEqual(verdict)
  })
})
