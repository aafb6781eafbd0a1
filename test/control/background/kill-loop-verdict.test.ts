import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {get} from 'node:http'
import type {ClientRequest} from 'node:http'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {makeOrders} from '../../kill/background-orders.ts'
import type {Order} from '../../kill/background-orders.ts'
import {BackgroundServer} from '../../kill/background-server.ts'
import {retellingFaults, storyFaults} from '../../kill/background-story.ts'
import type {Line} from '../../kill/background-story.ts'
import {fileFaults, ownerFaults, stateFaults, uploadFaults} from '../../kill/background-verdict.ts'
import {livingDaemons} from '../../kill/living-daemons.ts'
import {startDraftServer} from '../../resumable-upload/draft-server.ts'
import {patience} from '../../scratch/patience.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const line = (seq: number, event: string, task: string, state?: string): Line => ({
  seq,
  event,
  task,
  ...(state === undefined ? {} : {state})
})

const good: readonly Line[] = [
  line(0, 'task.created', 'a'),
  line(1, 'task.created', 'b'),
  line(2, 'task.started', 'a'),
  line(2, 'task.progress', 'a'),
  line(3, 'task.completed', 'b', 'failed'),
  line(4, 'task.completed', 'a', 'completed'),
  {seq: 4, event: 'session.eventsFinished', task: null, token: 't'}
]
const ends = new Map([
  ['a', 'completed'],
  ['b', 'failed']
])

/** The good story without some of its lines, and with others instead, numbered as they come. */
const story = (...changes: Parameters<Line[]['splice']>): readonly Line[] => {
  const lines = good.filter(({event}) => event !== 'task.progress').slice(0, -1)
  lines.splice(...changes)
  return lines.map((each, seq) => ({...each, seq}))
}

describe('The loop that kills daemons, about what was told', () => {
  it('has nothing to say where every task begins once and ends once', () => {
    expect(storyFaults(good, ends)).toEqual([])
    expect(storyFaults(story(0, 0), ends)).toEqual([])
    expect(retellingFaults(good.slice(1, 4), good)).toEqual([])
  })

  it.each<[string, readonly Line[], RegExp]>([
    ['a number that is missing', good.filter(({seq}) => seq !== 2), /event 2 has the number 3/],
    ['events in another order than their numbers', good.toReversed(), /event 0 has the number 4/],
    [
      'an end that is told twice',
      story(5, 0, line(0, 'task.completed', 'a', 'completed')),
      /a: .*completed 2 t/
    ],
    ['an end that is not told', story(4, 1), /a: .*completed 0 times/],
    ['a task that is created twice', story(2, 0, line(0, 'task.created', 'a')), /a: created 2 times/],
    ['a task of which nothing is told', story(0, 0).filter(({task}) => task !== 'b'), /b: created 0 times/],
    ['a task that nobody has handed over', story(4, 0, line(0, 'task.started', 'c')), /c: created 0 times/],
    ['a task that begins before it is created', story(0, 0, line(0, 'task.started', 'a')), /a begins with/],
    ['something after the end', story(5, 0, line(0, 'task.started', 'a')), /a goes on after its end/],
    ['an end of another kind', story(4, 1, line(0, 'task.completed', 'a', 'failed')), /a is failed and not/]
  ])('tells of %s', (_what, lines, fault) => {
    expect(storyFaults(lines, ends).join('\n')).toMatch(fault)
  })

  it.each<[string, readonly Line[]]>([
    ['told otherwise', story(2, 1, line(0, 'task.waiting', 'a'))],
    ['not told again', good.filter(({seq}) => seq !== 2)]
  ])('tells of what is %s after a kill', (_what, told) => {
    expect(retellingFaults(good, told).join('\n')).toMatch(/event 2 was .*task\.started/)
  })
})

describe('The loop that kills daemons, about what is on disk and on the servers', () => {
  const orders = (folder: string): readonly Order[] =>
    makeOrders({
      number: 1,
      random: () => 0.5,
      downloads: folder,
      sources: scratchFolder(),
      uploads: scratchFolder(),
      secret: '',
      url: path => `http://127.0.0.1:1${path}`,
      resumableUrl: path => `http://127.0.0.1:1${path}`
    })
  const isFetched = ({what, state}: Order): boolean => what === 'download' && state === 'completed'

  it.each<[string, (folder: string, order: Order) => void, RegExp | undefined]>([
    ['nothing where all files are right', () => {}, undefined],
    ['a file with other content', (folder, {name}) => writeFileSync(join(folder, name), 'x'), /is not what/],
    [
      'a file that came twice, under a second name',
      (folder, {name, content}) => writeFileSync(join(folder, `${name}.1`), content),
      /beside the files there are .*\.1/
    ],
    ['a part left behind', (folder, {name}) => writeFileSync(join(folder, `${name}.part`), ''), /\.part/]
  ])('tells of %s', (_what, harm, fault) => {
    const folder = scratchFolder()
    const all = orders(folder)
    const fetched = all.filter(isFetched)
    const [harmed] = fetched
    if (!harmed) throw new Error('The loop fetches nothing')
    for (const {name, content} of fetched) writeFileSync(join(folder, name), content)
    harm(folder, harmed)
    const faults = fileFaults(folder, all)
    expect(faults).toHaveLength(fault ? 1 : 0)
    if (fault) expect(faults[0]).toMatch(fault)
  })

  it('tells of files that are not there, and of uploads that have not arrived or as something else', async () => {
    const folder = scratchFolder()
    const all = orders(folder)
    await using server = await BackgroundServer.start()
    await using drafts = await startDraftServer()
    expect(fileFaults(folder, all)).toHaveLength(all.filter(isFetched).length)
    const sent = all.filter(({what}) => what !== 'download')
    expect(sent.length).toBeGreaterThan(0)
    expect(uploadFaults(all, {server, drafts})).toEqual(sent.map(({name}) => `${name} has not arrived`))
    for (const {name, what, content} of sent)
      if (what === 'upload') server.stored.set(name, [content, content.subarray(1)])
    const faults = uploadFaults(all, {server, drafts})
    expect(faults.filter(each => each.endsWith('something else'))).toHaveLength(server.stored.size)
  })

  it.each(['unfinished', 'uploads/x.ferry', 'journal.sqlite.damaged-1', 'uploads/x.ferry~'])(
    'tells of %s in the state folder',
    name => {
      const folder = scratchFolder()
      for (const kept of ['background', 'background/uploads']) mkdirSync(join(folder, kept))
      writeFileSync(join(folder, 'background', 'journal.sqlite'), '')
      expect(stateFaults(folder)).toEqual([])
      writeFileSync(join(folder, 'background', name), '')
      expect(stateFaults(folder)).toEqual([expect.stringContaining(name)])
    }
  )
})

describe('The loop that kills daemons, about two at one time', () => {
  const content = Buffer.alloc(100_000, 'x')

  async function slowServer(): Promise<BackgroundServer> {
    const server = await BackgroundServer.start()
    onTestFinished(() => server[Symbol.asyncDispose]())
    server.serve({
      path: '/F',
      content,
      validators: 'strong',
      framing: 'length',
      delay: 0,
      bytesPerSecond: content.length / 10,
      cutAt: undefined,
      status: 200,
      secret: undefined
    })
    return server
  }

  async function fetching(server: BackgroundServer): Promise<ClientRequest> {
    const request = get(server.url('/F'), {agent: false}).on('error', () => {})
    onTestFinished(() => void request.destroy())
    await once(request, 'response')
    return request
  }

  it('tells of two transfers of one file', async () => {
    const server = await slowServer()
    await Promise.all([fetching(server), fetching(server)])
    expect(server.faults).toEqual(['two transfers of /F at one time'])
  })

  it('has nothing to say where the first has gone before the second comes', async () => {
    const server = await slowServer()
    const first = await fetching(server)
    first.destroy()
    await vi.waitFor(() => expect(server.underway).toBe(0), patience)
    await fetching(server)
    expect(server.faults).toEqual([])
  })

  it('tells of two daemons that have one journal, and not of one that only looks for it', async () => {
    const home = scratchFolder()
    const program = join(home, 'program.mjs')
    mkdirSync(join(home, 'state', 'background'), {recursive: true})
    const journal = join(home, 'state', 'background', 'journal.sqlite')
    writeFileSync(journal, '')
    writeFileSync(
      program,
      `import {openSync} from 'node:fs'\n` +
        `if (process.env.OWNS) openSync(${JSON.stringify(journal)}, 'r')\n` +
        `process.stdout.write('there')\nsetInterval(() => {}, 1000)\n`
    )
    const start = async (owns: string): Promise<void> => {
      const env = {FERRY_HOME: home, OWNS: owns}
      const child = spawn(process.execPath, [program, 'daemon', 'run'], {
        env,
        stdio: ['ignore', 'pipe', 'inherit']
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      await once(child.stdout, 'data')
    }
    await start('yes')
    await start('')
    expect(livingDaemons({program, home})).toHaveLength(2)
    expect(ownerFaults(livingDaemons({program, home}))).toEqual([])
    await start('yes')
    expect(ownerFaults(livingDaemons({program, home}))).toEqual(['2 daemons have the journal'])
  })
})
