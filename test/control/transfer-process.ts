// A process with one transfer, as `ferry get` would be. Arguments: FERRY_HOME, task id, path of the resume data, plot.
import {controlToken} from '../../src/control/control-token.ts'
import {openEndpoint} from '../../src/control/endpoint.ts'
import {resolvePlaces} from '../../src/control/places.ts'
import {thisProcess} from '../../src/control/process-identity.ts'
import {SessionRoll} from '../../src/control/session-roll.ts'
import {TaskIndex} from '../../src/control/task-index.ts'
import {TaskJournal} from '../../src/control/task-journal.ts'
import {TaskRoll} from '../../src/control/task-roll.ts'
import {FakeTask, fakeRecords} from './fake-tasks.ts'

const [home = '', id = '', resumeData = '', plot = ''] = process.argv.slice(2)
const places = resolvePlaces({FERRY_HOME: home}, process.platform, process.getuid?.())
const index = new TaskIndex({stateFolder: places.state, exitCode: fakeRecords.exitCode})
const journal = new TaskJournal<FakeTask>({
  index,
  records: fakeRecords,
  owner: thisProcess(),
  report: console.error
})
const roll = new TaskRoll<FakeTask>(fakeRecords)
const task = new FakeTask(id)
task.resumeData = resumeData
roll.add(task)
journal.follow(task)
journal.noteResumeData(task, resumeData)
await journal.settled()
const token = await controlToken(places.state)
const endpoint = await openEndpoint({
  sessions: new SessionRoll(),
  roll,
  places,
  token,
  settled: () => journal.settled()
})
process.stdout.write('open\n')
// What keeps a real one alive is its connection.
const connection = setTimeout(() => process.exit(99), 30_000)
if (plot === 'exitsAtOnce') clearTimeout(connection)
else {
  if (plot === 'completes') setTimeout(() => task.end({state: 'completed'}), 300)
  const outcome = await task.outcome
  await journal.close('all')
  await endpoint.close()
  process.exit(fakeRecords.exitCode(outcome))
}
