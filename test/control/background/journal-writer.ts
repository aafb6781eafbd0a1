// A process that submits tasks, changes them and says what it has done, until it is killed.
import {writeSync} from 'node:fs'
import {openJournal} from '../../../src/control/background/journal/sqlite-journal.ts'
import {downloadTask, eventOf, snapshot, submitTo} from './journal-task.ts'

const [folder = '', round = ''] = process.argv.slice(2)
const say = (...words: readonly string[]): void => void writeSync(1, `${words.join(' ')}\n`)

const journal = await openJournal({folder, report: error => say('report', error.message)})
for (let batch = 0; ; batch++) {
  const tasks = [1, 2, 3].map(() => downloadTask({label: `${round}-${batch}`}))
  submitTo(
    journal,
    {session: 's', snapshot, tasks},
    tasks.map(({id}) => eventOf('task.created', id))
  )
  say('submitted', ...tasks.map(({id}) => id))
  for (const {id} of tasks.slice(0, 2)) {
    journal.change(id, {state: 'running'})
    say('running', id)
    journal.change(id, {state: 'completed', exitCode: 0}, [eventOf('task.completed', id)])
    say('completed', id)
  }
}
