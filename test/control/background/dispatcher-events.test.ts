import {describe, expect, it} from 'vitest'
import type {JournalEvent} from '../../../src/control/background/background-task.ts'
import {Telling} from '../../../src/control/background/dispatcher/dispatcher-events.ts'
import {TransferError} from '../../../src/engine/index.ts'
import {eventOf} from './journal-stage.ts'

/** What a follower of a session hears, in order; a disk that refuses does so once. */
function followed(disk: 'works' | 'refuses'): {telling: Telling; heard: readonly string[]} {
  const heard: string[] = []
  let refusals = disk === 'refuses' ? 1 : 0
  const append = (_session: string, events: readonly JournalEvent[]): [] => {
    if (refusals-- > 0) throw new TransferError('NO_SPACE', 'The disk is full')
    heard.push(...events.map(({event}) => event))
    return []
  }
  const telling = new Telling({journal: {append, change: () => true, changeAll: () => []}, report: () => {}})
  telling.follow('background', {journalled: () => {}, live: ({event}) => heard.push(event)})
  return {telling, heard}
}

describe('Progress', () => {
  it('is heard after all that was to be told before it', () => {
    const {telling, heard} = followed('works')
    telling.tell('background', eventOf('task.started'))
    telling.live('background', eventOf('task.progress'))
    telling.live('background', eventOf('task.progress'))
    expect(heard).toEqual(['task.started', 'task.progress', 'task.progress'])
  })

  it('is not heard before what the disk refuses to keep', () => {
    const {telling, heard} = followed('refuses')
    telling.tell('background', eventOf('task.started'))
    telling.live('background', eventOf('task.progress'))
    expect(heard).toEqual([])
  })
})
