import {describe, expect, it} from 'vitest'
import {answerRequest} from '../../../src/control/answer-request.ts'
import {dispatcherStage} from './dispatcher-stage.ts'

describe('A pause of all tasks', () => {
  it.each([{all: true}, {session: 'background'}])(
    'ends what waits, and leaves held what a person has held: %j',
    async body => {
      const stage = await dispatcherStage()
      const later = Date.now() + 3600_000
      const [held = '', waiting = ''] = stage.submit(
        ['one', 'other'].map(name => stage.download(name, {earliestBegin: later}))
      )
      await stage.dispatcher.roll.find(held)?.task.hold?.('continue')
      const {roll, sessions} = stage.dispatcher
      const asked = {method: 'POST', url: '/pause', body}
      const answer = await answerRequest(asked, {roll, sessions, keeper: 'daemon'})
      expect(answer).toMatchObject({status: 200, body: {tasks: [{id: waiting}]}})
      expect([held, waiting].map(id => stage.journal.task(id)?.state)).toEqual(['held', 'paused'])
      expect(stage.told(held)).toEqual(['task.created'])
    }
  )
})
