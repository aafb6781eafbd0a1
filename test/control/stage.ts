import {spawn} from 'node:child_process'
import type {ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {request} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ControlClient} from '../../src/control/control-client.ts'
import {controlToken} from '../../src/control/control-token.ts'
import {openEndpoint} from '../../src/control/endpoint.ts'
import {Endpoints} from '../../src/control/endpoints.ts'
import type {Endpoint} from '../../src/control/endpoint.ts'
import {resolvePlaces} from '../../src/control/places.ts'
import type {Places} from '../../src/control/places.ts'
import {SessionClient} from '../../src/control/session-client.ts'
import {SessionRoll} from '../../src/control/session-roll.ts'
import {TaskIndex} from '../../src/control/task-index.ts'
import {TaskRoll} from '../../src/control/task-roll.ts'
import {fakeRecords} from './fake-tasks.ts'
import type {FakeTask} from './fake-tasks.ts'

/** A ferry home of its own, with everything that was started in it. */
export interface Stage {
  readonly home: string
  readonly places: Places
  readonly index: TaskIndex
  readonly client: ControlClient
  readonly sessionClient: SessionClient
  /** The sessions that every endpoint of this process has. */
  readonly sessions: SessionRoll
  /** Paths whose resume data the client had discarded. */
  readonly discarded: string[]
  readonly open: (...tasks: FakeTask[]) => Promise<Endpoint>
  readonly spawn: (id: string, plot: string) => Promise<ChildProcess>
  readonly clear: () => Promise<void>
}

export async function newStage(): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), 'ferry-'))
  const places = resolvePlaces({FERRY_HOME: home}, process.platform, process.getuid?.())
  const index = new TaskIndex({stateFolder: places.state, exitCode: fakeRecords.exitCode})
  const discarded: string[] = []
  const discardResumeData = async (path: string): Promise<void> => {
    discarded.push(path)
    await rm(path)
  }
  const opened: Endpoint[] = []
  const endpoints = new Endpoints(places)
  const sessions = new SessionRoll()
  const children: ChildProcess[] = []
  return {
    home,
    places,
    index,
    client: new ControlClient({endpoints, index, discardResumeData}),
    sessionClient: new SessionClient(endpoints),
    sessions,
    discarded,
    open: async (...tasks) => {
      const roll = new TaskRoll<FakeTask>(fakeRecords)
      for (const task of tasks) roll.add(task)
      const endpoint = await openEndpoint({sessions, roll, places, token: await controlToken(places.state)})
      opened.push(endpoint)
      return endpoint
    },
    spawn: async (id, plot) => {
      const child = await transferProcess(home, id, plot)
      children.push(child)
      return child
    },
    clear: async () => {
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(opened.map(endpoint => endpoint.close()))
      await rm(home, {recursive: true, force: true})
    }
  }
}

async function transferProcess(home: string, id: string, plot: string): Promise<ChildProcess> {
  const resumeData = join(home, `${id}.ferry`)
  await writeFile(resumeData, '{}')
  const program = join(import.meta.dirname, 'transfer-process.ts')
  const child = spawn(process.execPath, [program, home, id, resumeData, plot], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  await once(child.stdout, 'data')
  return child
}

/** One raw request, as somebody with curl would send it. */
export async function raw(
  endpoint: Endpoint,
  asked: {method?: string; path: string; authorization?: string; body?: string | Buffer}
): Promise<{status: number | undefined; body: unknown}> {
  const {promise, resolve, reject} = Promise.withResolvers<{status: number | undefined; body: unknown}>()
  const headers = asked.authorization === undefined ? {} : {authorization: asked.authorization}
  const {method, path} = {method: 'GET', ...asked}
  request({socketPath: endpoint.address.socketPath, method, path, headers, agent: false}, async response => {
    const text = (await response.toArray()).join('')
    resolve({status: response.statusCode, body: JSON.parse(text)})
  })
    .on('error', reject)
    .end(asked.body)
  return promise
}
