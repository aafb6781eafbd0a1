import {execFileSync} from 'node:child_process'
import {mkdirSync, readFileSync, readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import type {SubmittedTask} from '../../src/control/background/submission.ts'
import {digestOf} from './digest-of.ts'
import {BackgroundHome} from './background-home.ts'
import {loopSnapshot, session} from './background-orders.ts'
import {storyFaults} from './background-story.ts'
import type {Line} from './background-story.ts'

// node background-power-cut.ts FOLDER URL COUNT: copies the disk image of the folder while a daemon that has its state and its
// targets on it fetches URL/0 and so on, then continues on each copy as after a power cut. Mounts: in a namespace of its own.
const [folder = '', url = '', count = ''] = process.argv.slice(2)
const [image, disk] = [join(folder, 'image'), join(folder, 'disk')]
const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const copyDisk = fileURLToPath(new URL('copy-disk.sh', import.meta.url))
const targets = join(disk, 'd')
const interval = 250
const patience = 10_000
const longest = 60_000

const mount = (from: string): unknown => execFileSync('mount', ['-o', 'loop', from, disk])
const names = Array.from({length: Number(count)}, (_, index) => String(index))
const idOf = (name: string): string => `powercut${name.padStart(4, '0')}`
const tasks = names.map((name): SubmittedTask => ({
  id: idOf(name),
  work: {
    kind: 'download',
    request: {url: `${url}/${name}`, method: 'GET', headers: []},
    options: {directory: targets, fileName: name}
  },
  label: null,
  priority: 0.5,
  earliestBegin: null
}))

function newHome(): BackgroundHome {
  return new BackgroundHome({folder: join(disk, 'home'), program})
}

async function untilDone(home: BackgroundHome): Promise<void> {
  for (const deadline = performance.now() + longest; ;) {
    if (performance.now() > deadline)
      throw new Error(`The tasks do not end: ${home.log || 'no daemon began'}`)
    const [standing] = await home.client.sessions()
    if (standing && standing.daemon.tasks.waiting + standing.daemon.tasks.running === 0) return
    await sleep(50)
  }
}

async function unmount(home: BackgroundHome): Promise<void> {
  home.kill()
  // A process that is killed closes its files a moment after it has gone from every list.
  for (const deadline = performance.now() + patience; ; await sleep(50)) {
    try {
      return void execFileSync('umount', [disk], {stdio: 'pipe'})
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
  }
}

async function copyWhileAtWork(): Promise<number> {
  mount(image)
  mkdirSync(targets)
  const home = newHome()
  await home.client.submit({session, snapshot: loopSnapshot('none'), tasks})
  let copies = 0
  let state: 'working' | 'done' = 'working'
  const done = untilDone(home).then(() => (state = 'done'))
  while (state === 'working') {
    copies += 1
    const writers = home.daemons.map(({pid}) => String(pid))
    execFileSync('sh', [copyDisk, image, `${image}.${copies}`, ...writers])
    await sleep(interval)
  }
  await done
  await unmount(home)
  return copies
}

function filesIn(path: string): Readonly<Record<string, string>> {
  const found = readdirSync(path).filter(name => statSync(join(path, name)).isFile())
  return Object.fromEntries(found.map(name => [name, digestOf(readFileSync(join(path, name)))]))
}

/** What attach tells; acknowledged, so that it ends. */
async function story(home: BackgroundHome): Promise<readonly Line[]> {
  const run = await home.ferry(['sessions', 'attach', session], async ({event, token = ''}) => {
    if (event === 'session.eventsFinished') await home.ferry(['sessions', 'ack', session, token])
  })
  return run.lines
}

async function continueOn(copy: number): Promise<object> {
  mount(`${image}.${copy}`)
  const home = newHome()
  const before = filesIn(targets)
  const {code, complaints} = await home.ferry(['tasks'])
  await untilDone(home)
  const faults = storyFaults(await story(home), new Map(names.map(name => [idOf(name), 'completed'])))
  const facts = {copy, code, complaints, before, after: filesIn(targets), faults, log: home.log}
  await unmount(home)
  return facts
}

for (let copy = await copyWhileAtWork(); copy > 0; copy--)
  process.stdout.write(`${JSON.stringify(await continueOn(copy))}\n`)
