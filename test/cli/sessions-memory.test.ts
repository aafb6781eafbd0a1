import {beforeEach, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {startOnTerminal} from '../cli-run/terminal.ts'
import {echo} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {Crossing} from './crossing.ts'

let user: Crossing
beforeEach(() => {
  user = new Crossing()
})

async function ferry(...words: readonly string[]): Promise<void> {
  const {code, stderr} = await user.run(words)
  expect(code, stderr).toBe(0)
}

describe('What a session remembers', () => {
  it('goes with the session: another one of its name begins with nothing, and shared keeps its own', async () => {
    await using origin = await startOrigin()
    const cookie = canary('cookie', origin)
    origin.on('/login', (_request, reply) =>
      reply.respond(200, {'set-cookie': `id=${cookie}; Max-Age=600`}, 'welcome')
    )
    origin.on('/x', echo)
    const fetched = async (name: string): Promise<string | undefined> => {
      await ferry('get', '-o', 'x', '--session', name, origin.url('/x'))
      return origin.requests.at(-1)?.header('cookie')
    }
    await ferry('sessions', 'create', 'ci')
    for (const name of ['ci', 'shared']) {
      await ferry('get', '-o', 'login', '--session', name, origin.url('/login'))
      expect(await fetched(name)).toBe(`id=${cookie}`)
    }
    await ferry('sessions', 'remove', 'ci')
    await ferry('sessions', 'create', 'ci')
    expect(await fetched('ci')).toBeUndefined()
    expect(await fetched('shared')).toBe(`id=${cookie}`)
  })
})

describe('A secret that a session asks for', () => {
  it('is asked for once a run, by its key and session, and never shown', async () => {
    await using origin = await startOrigin()
    const password = canary('asked', origin)
    origin.on('/x', echo)
    await ferry('sessions', 'create', 'ci')
    await ferry('sessions', 'set', 'ci', 'headers.X-Api-Key=-')
    const words = ['get', '-q', '--session', 'ci', '-o', '-', '-o', '-', origin.url('/x'), origin.url('/x')]
    const terminal = startOnTerminal(words, {
      env: {FERRY_HOME: user.home},
      redirections: '>/dev/null'
    })
    await terminal.until(/headers\.X-Api-Key of the session ci: /)
    terminal.press(`${password}\r`)
    const {code, screen} = await terminal.done
    expect(code, screen).toBe(0)
    expect(screen.match(/of the session ci/g)).toHaveLength(1)
    expect(screen).not.toContain(password)
    expect(origin.requests.map(request => request.header('x-api-key'))).toContain(password)
  })

  it('ends the run with 130 when ^C is the answer, and nothing was sent', async () => {
    await using origin = await startOrigin()
    await ferry('sessions', 'create', 'ci', '-u', 'ana')
    const words = ['get', '--session', 'ci', '-o', '/dev/null', origin.url('/x')]
    const terminal = startOnTerminal(words, {env: {FERRY_HOME: user.home}})
    await terminal.until(/credentials\.password of the session ci: /)
    terminal.press('\x03')
    expect(await terminal.done).toMatchObject({code: 130})
    expect(origin.connections).toBe(0)
  })
})
