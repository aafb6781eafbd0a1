import {describe, expect, it} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {attachStage} from './attach-stage.ts'

const resource = {body: seededBytes(200_000, 3), entityTag: '"v1"'}
const slow = {drip: {bytes: 20_000, everyMs: 40}}

describe('Whoever attaches to a background session', () => {
  it('hears what has happened, in order, and then that there is no more, with a token for it [R66, R67]', async () => {
    const {daemon, attach} = await attachStage()
    daemon.origin.serve('/file', resource)
    const ids = daemon.submit([daemon.download('file'), daemon.download('lost')])
    for (const id of ids) await daemon.ended(id)
    const listener = attach()
    const token = await listener.finished()
    expect(listener.journalled).toEqual(
      daemon.events().map(({facts, ...event}) => ({v: 1, session: 'background', ...event, ...facts}))
    )
    expect(listener.lines.at(-1)).toMatchObject({event: 'session.eventsFinished', task: null, token})
    expect(token).not.toBe('')
  })

  it('hears the rest live, progress included, which is not kept and has the number of the line before [B9]', async () => {
    const {daemon, attach} = await attachStage()
    daemon.origin.serve('/file', {...resource, fault: slow})
    const listener = attach()
    await listener.finished()
    const [id = ''] = daemon.submit([daemon.download('file')])
    await listener.finished(2)
    const words = listener.lines.filter(({task}) => task === id).map(({event}) => event)
    const told = words.filter((word, index) => word !== 'task.progress' || words[index - 1] !== word)
    expect(told).toEqual([
      'task.created',
      'task.started',
      'task.response',
      'task.progress',
      'task.finished',
      'task.metrics',
      'task.completed'
    ])
    for (const [index, line] of listener.lines.entries()) {
      if (line.event === 'task.progress') expect(line.seq).toBe(listener.lines[index - 1]?.seq)
    }
    expect(daemon.told(id)).not.toContain('task.progress')
  })

  it('is told of the end once for each place, and not while a task runs or waits [R68]', async () => {
    const {daemon, attach} = await attachStage()
    daemon.origin.serve('/file', {...resource, fault: slow})
    const listener = attach()
    const first = await listener.finished()
    daemon.submit([daemon.download('one', {request: {url: daemon.origin.url('/file')}})])
    const second = await listener.finished(2)
    expect(second).not.toBe(first)
    const place = listener.lines.findIndex(({token}) => token === second)
    expect(listener.lines[place - 1]?.event).toBe('task.completed')
    expect(listener.of('session.eventsFinished')).toHaveLength(2)
  })

  it('is not told twice of the same end, where a task ends that never ran', async () => {
    const {daemon, attach} = await attachStage()
    const [id = ''] = daemon.submit([daemon.download('later', {earliestBegin: Date.now() + 60_000})])
    const listener = attach()
    await listener.until(() => listener.of('task.created').length === 1)
    await daemon.dispatcher.roll.find(id)?.task.cancel()
    await listener.finished()
    // What is told of another task comes after anything that was to be told twice.
    daemon.submit([daemon.download('next', {earliestBegin: Date.now() + 60_000})])
    await listener.until(() => listener.of('task.created').length === 2)
    expect(listener.of('session.eventsFinished')).toHaveLength(1)
  })

  it('hears everything again until it is acknowledged, with the same token [R68]', async () => {
    const {daemon, attach} = await attachStage()
    daemon.origin.serve('/file', resource)
    const [id = ''] = daemon.submit([daemon.download('file')])
    await daemon.ended(id)
    const first = attach()
    const token = await first.finished()
    first.leave()
    await first.ended
    const second = attach()
    expect(await second.finished()).toBe(token)
    expect(second.lines.map(({seq, event}) => [seq, event])).toEqual(
      first.lines.map(({seq, event}) => [seq, event])
    )
  })

  it('that leaves without acknowledging disturbs no task', async () => {
    const {daemon, attach} = await attachStage()
    daemon.origin.serve('/file', {...resource, fault: slow})
    const [id = ''] = daemon.submit([daemon.download('file')])
    const listener = attach()
    await listener.until(() => listener.of('task.progress').length > 0)
    listener.leave()
    expect((await daemon.ended(id)).state).toBe('completed')
    expect(daemon.file('file')).toEqual(resource.body)
  })
})

describe('An acknowledgement', () => {
  it('ends the attachment with session.invalidated, and nothing comes again [R69, B11]', async () => {
    const {daemon, client, attach} = await attachStage()
    daemon.origin.serve('/file', resource)
    const [id = ''] = daemon.submit([daemon.download('file')])
    await daemon.ended(id)
    const listener = attach()
    await client.acknowledge('background', await listener.finished())
    await listener.ended
    expect(listener.lines.at(-1)).toMatchObject({event: 'session.invalidated', task: null, error: null})
    const next = attach()
    await next.finished()
    expect(next.lines.map(({event}) => event)).toEqual(['session.eventsFinished'])
  })

  it('lets the same name be attached at once, and leaves the tasks of the daemon alone [R69, R70]', async () => {
    const {daemon, client, attach} = await attachStage()
    daemon.origin.serve('/slow', {...resource, fault: slow})
    daemon.origin.serve('/file', resource)
    const [done = ''] = daemon.submit([daemon.download('file')])
    await daemon.ended(done)
    const first = attach()
    const token = await first.finished()
    const [next = ''] = daemon.submit([daemon.download('slow')])
    await client.acknowledge('background', token)
    await first.ended
    const second = attach()
    expect((await daemon.ended(next)).state).toBe('completed')
    await second.finished()
    expect(second.lines.some(({task}) => task === done)).toBe(false)
    expect(second.of('task.completed').map(({task}) => task)).toEqual([next])
  })

  it('twice is once: another client that is attached by then is not disturbed [B11]', async () => {
    const {daemon, client, attach} = await attachStage()
    daemon.origin.serve('/file', resource)
    const [id = ''] = daemon.submit([daemon.download('file')])
    await daemon.ended(id)
    const first = attach()
    const token = await first.finished()
    await client.acknowledge('background', token)
    await first.ended
    const [next = ''] = daemon.submit([
      daemon.download('again', {request: {url: daemon.origin.url('/file')}})
    ])
    const second = attach()
    await daemon.ended(next)
    await second.finished()
    await client.acknowledge('background', token)
    daemon.submit([daemon.download('third', {request: {url: daemon.origin.url('/file')}})])
    await second.finished(2)
    expect(second.of('session.invalidated')).toEqual([])
  })

  it.each([
    ['made up', () => '5.AAAA'],
    ['of another session', (own: string) => own]
  ])(
    'with a token that is %s is refused as wrong usage, and forgets nothing [B11]',
    async (_what, tokenFor) => {
      const {daemon, client, attach} = await attachStage()
      daemon.origin.serve('/file', resource)
      const [id = ''] = daemon.submit([daemon.download('file')], {session: 'theirs'})
      await daemon.ended(id)
      const token = tokenFor(await attach('ours').finished())
      await expect(client.acknowledge('theirs', token)).rejects.toMatchObject({code: 'USAGE'})
      const listener = attach('theirs')
      await listener.finished()
      expect(listener.of('task.completed')).toHaveLength(1)
    }
  )
})
