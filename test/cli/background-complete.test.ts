import {existsSync, writeFileSync} from 'node:fs'
import {beforeEach, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {until} from '../cli-run/daemon.ts'
import {backgroundCrossing} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'

let crossing: BackgroundCrossing

beforeEach(async () => {
  crossing = await backgroundCrossing()
  for (const name of ['a', 'b', 'c']) crossing.origin.serve(`/${name}`, {body: name, entityTag: `"${name}"`})
  // Whole or not at all: a line of its own for each batch, and what it sees of the world.
  writeFileSync(crossing.path('hook'), 'batch=$(cat); echo "$batch" >> batches; env > environment\n')
})

interface Batch {
  readonly session: string
  readonly tasks: readonly {readonly id: string; readonly state: string; readonly path: string}[]
}

async function batches(): Promise<readonly Batch[]> {
  await until(() => existsSync(crossing.path('environment')))
  const lines = crossing.text('batches').trim().split('\n')
  return lines.map(line => JSON.parse(line) as Batch)
}

const hook = (): string => `sh -c "cd '${crossing.daemon.home}' && sh hook"`
const urls = (): readonly string[] => ['a', 'b', 'c'].map(name => crossing.origin.url(`/${name}`))

describe('--on-complete in the background', () => {
  it('runs once for all that was handed over, with the session and what became of its tasks [R65]', async () => {
    const run = await crossing.run(['get', '--background', '--on-complete', hook(), ...urls()])
    const ids = run.stdout.trim().split('\n')
    await crossing.run(['wait', ...ids])
    const [batch, ...more] = await batches()
    expect(more).toEqual([])
    expect(batch?.session).toBe('background')
    expect(batch?.tasks.map(({id}) => id).toSorted()).toEqual(ids.toSorted())
    expect(batch?.tasks.every(({state}) => state === 'completed')).toBe(true)
    // The next batch is another one.
    const last = await crossing.submit([
      'get',
      '--background',
      '--on-complete',
      hook(),
      '-o',
      'd',
      urls()[0] ?? ''
    ])
    await crossing.run(['wait', last])
    await until(() => crossing.text('batches').trim().split('\n').length === 2)
    expect((await batches())[1]?.tasks.map(({id}) => id)).toEqual([last])
  })

  it('may belong to a session, which a command line overrules', async () => {
    const made = ['sessions', 'create', 'nightly', '--kind', 'background', '--on-complete', hook()]
    expect(await crossing.run(made)).toMatchObject({code: 0})
    const id = await crossing.submit(['get', '--session', 'nightly', crossing.origin.url('/a')])
    await crossing.run(['wait', id])
    expect(await batches()).toMatchObject([{session: 'nightly', tasks: [{id, path: crossing.path('a')}]}])
    const other = `sh -c "cat > '${crossing.path('other')}'"`
    const words = ['get', '--session', 'nightly', '--on-complete', other, crossing.origin.url('/b')]
    const next = await crossing.submit(words)
    await crossing.run(['wait', next])
    await until(() => existsSync(crossing.path('other')) && crossing.text('other').endsWith('}\n'))
    expect(JSON.parse(crossing.text('other'))).toMatchObject({tasks: [{id: next}]})
    expect(await batches()).toHaveLength(1)
  })

  it('sees the programs and the words of whoever handed over, and none of their secrets', async () => {
    const secret = canary('environment')
    const env = {SECRET_TOKEN: secret, LC_TIME: 'de_DE.UTF-8'}
    const words = ['get', '--background', '--on-complete', hook(), crossing.origin.url('/a')]
    await crossing.run(['wait', await crossing.submit(words, {env})])
    await batches()
    expect(crossing.text('environment')).toContain('LC_TIME=de_DE.UTF-8\n')
    expect(crossing.text('environment')).toContain(`FERRY_HOME=${crossing.daemon.home}\n`)
    expect(crossing.text('environment')).not.toContain('SECRET_TOKEN')
  })

  it('is refused where it is no command, before anything is handed over', async () => {
    const run = await crossing.run([
      'get',
      '--background',
      '--on-complete',
      'a | b',
      crossing.origin.url('/a')
    ])
    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(await crossing.run(['tasks', '--all'])).toMatchObject({stdout: 'There are no tasks.\n'})
  })
})
