import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Run} from '../cli-run/ferry.ts'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {eventsOf, explanation} from './said.ts'
import {canary, entrust} from '../canary/canary.ts'

const signatureSecret = canary('signature')
const cookieSecret = canary('cookie')
const passwordSecret = canary('password')
const passwordSecret2 = canary('password')
const cookieSecret2 = canary('cookie')
const answerSecret = canary('answer')
const commandSecret = canary('command')
const passwordSecret3 = canary('password')

let origin: Origin
let elsewhere: Origin

beforeAll(async () => {
  origin = await startOrigin()
  elsewhere = await startOrigin()
  for (const each of [signatureSecret, cookieSecret, passwordSecret, passwordSecret3]) entrust(each, origin)
  for (const server of [origin, elsewhere]) server.serve('/F', {body: 'content'})
  origin.on('/from', redirect(302, '/F'))
  origin.on('/signed', redirect(302, `/F?sig=${signatureSecret}`, {'set-cookie': `a=${cookieSecret}`}))
})
afterAll(async () => {
  await origin.close()
  await elsewhere.close()
})

/** A command that prints one decision. */
function answers(decision: object): string {
  return `echo '${JSON.stringify(decision)}'`
}

function print(path: string, ...flags: readonly string[]): Promise<Run> {
  return runFerry(['get', '-q', '-o', '-', ...flags, origin.url(path)])
}

/** A command that keeps the event it was given, and prints a decision. */
function keeping(decision: string): {command: string; event: () => Record<string, unknown>} {
  const file = join(scratchFolder(), 'event')
  const command = `sh -c 'cat > "$1"; echo "{\\"decision\\":\\"$2\\"}"' hook '${file}' ${decision}`
  return {command, event: () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>}
}

describe('--on-redirect', () => {
  it('follows, denies, or goes to another address [3D 104, R37]', async () => {
    expect(await print('/from', '--on-redirect', answers({decision: 'follow'}))).toMatchObject({
      code: 0,
      stdout: 'content'
    })
    const denied = await print('/from', '--on-redirect', answers({decision: 'deny'}), '-w', '%{http_code}')
    expect(denied).toMatchObject({code: 0, stdout: '302'})
    const before = elsewhere.requests.length
    const moved = await print('/from', '--on-redirect', answers({url: elsewhere.url('/F')}))
    expect(moved).toMatchObject({code: 0, stdout: 'content'})
    expect(elsewhere.requests).toHaveLength(before + 1)
  })

  it('is told where it leads, without secrets, on one line', async () => {
    const {command, event} = keeping('follow')
    expect(await print('/signed', '-u', `ana:${passwordSecret}`, '--on-redirect', command)).toMatchObject({
      code: 0
    })
    expect(event()).toMatchObject({
      v: 1,
      event: 'task.redirect',
      task: expect.stringMatching(/^\w+$/) as string,
      status: 302,
      from: origin.url('/signed'),
      to: origin.url('/F?sig=***')
    })
    expect(JSON.stringify(event())).not.toContain('canary')
  })

  it.each([
    ['file:///etc/passwd', 1],
    ['ftp://127.0.0.1/F', 1],
    ['http://127.0.0.1:99999/', 3],
    ['/F', 113]
  ])('may not lead to %s', async (url, code) => {
    expect(await print('/from', '--on-redirect', answers({url}))).toMatchObject({code, stdout: ''})
  })

  it('takes no secret of one origin to another, and not from https to http', async () => {
    await using secure = await startOrigin({tls: 'good'})
    secure.on('/from', redirect(302, '/next'))
    for (const each of [passwordSecret2, cookieSecret2]) entrust(each, secure)
    const flags = ['-k', '-u', `ana:${passwordSecret2}`, '-H', `Cookie: a=${cookieSecret2}`]
    const hook = ['--on-redirect', answers({url: elsewhere.url('/F')})]
    const arguments_ = ['get', '-q', '-o', '-', ...flags, ...hook, secure.url('/from')]
    expect(await runFerry(arguments_)).toMatchObject({code: 113, stdout: ''})
    expect(await runFerry([...arguments_, '--allow-downgrade'])).toMatchObject({code: 0})
    const seen = elsewhere.requests.at(-1)
    expect(seen?.header('authorization') ?? seen?.header('cookie')).toBeUndefined()
  })
})

describe('--on-response', () => {
  it('is given the headers as in --events, by their names [R41]', async () => {
    const {command, event} = keeping('allow')
    expect(await print('/F', '--on-response', command)).toMatchObject({code: 0, stdout: 'content'})
    expect(event()).toMatchObject({
      event: 'task.response',
      status: 200,
      url: origin.url('/F'),
      headers: {'content-length': '7'},
      part: null
    })
  })

  it('may cancel: nothing of the body is delivered, and no file is left [R41, 3C 93]', async () => {
    const cancel = answers({decision: 'cancel'})
    expect(await print('/F', '--on-response', cancel)).toMatchObject({code: 115, stdout: ''})
    const run = await runFerry(['get', '--events', '-o', 'F', '--on-response', cancel, origin.url('/F')])
    expect(run.code).toBe(115)
    const names = eventsOf(run).map(({event}) => event)
    expect(names.filter(name => ['task.response', 'task.completed'].includes(name))).toHaveLength(2)
  })
})

describe('a hook that gives no decision', () => {
  it.each([
    ['no program', 'no-such-program', /cannot be run: there is no such program/],
    ['a failing one', 'sh -c "exit 3"', /decided nothing and ended with 3/],
    ['one that decides and fails', `sh -c 'echo "{\\"decision\\":\\"allow\\"}"; exit 3'`, /ended with 3/],
    ['one that says nothing', 'true', /did not print one line/],
    ['one that says too much', `printf '{}\\n{}\\n'`, /did not print one line/],
    ['one without end', 'yes', /printed more than 64 KiB/],
    ['one that says no JSON', `echo ${answerSecret}`, /did not print one line with a JSON object/],
    ['one that says something else', answers({decision: answerSecret}), /printed no decision/]
  ])('refuses the response, and says why: %s', async (_what, command, why) => {
    const run = await runFerry(['get', '--on-response', command, origin.url('/F')])
    expect(run).toMatchObject({code: 113, stdout: ''})
    const told = explanation(run)
    expect(told.why).toMatch(why)
    expect(told.why).toMatch(/^--on-response: /)
    expect(run.stderr).not.toContain('canary')
  })

  it('is not asked again, whatever the retries', async () => {
    const before = origin.requests.length
    const run = await print('/F', '--on-response', 'false', '--retry', '3', '--retry-all-errors')
    expect(run.code).toBe(113)
    expect(origin.requests).toHaveLength(before + 1)
  })
})

describe('a command with shell syntax', () => {
  it.each(['--on-redirect', '--on-challenge', '--on-response', '--on-cache', '--on-complete'])(
    'of %s is refused before anything is sent, with the way to write it',
    async flag => {
      const before = origin.requests.length
      const run = await print('/F', flag, `cat | ${commandSecret}`)
      expect(run).toMatchObject({code: 2, stdout: ''})
      expect(explanation(run).next).toContain(`${flag} "sh -c '...'"`)
      expect(run.stderr).not.toContain('canary')
      expect(origin.requests).toHaveLength(before)
    }
  )

  it('is run by a shell that is asked for', async () => {
    const hook = `sh -c 'grep -q task.response && echo "{\\"decision\\":\\"allow\\"}"'`
    expect(await print('/F', '--on-response', hook)).toMatchObject({code: 0, stdout: 'content'})
  })
})

describe('the environment of a hook', () => {
  it('is that of the user, without what a flag named as the place of a secret', async () => {
    const file = join(scratchFolder(), 'seen')
    const hook = `sh -c 'echo "$ORDINARY $CREDENTIALS $TOKEN" > "$1"; cat >/dev/null' hook '${file}'`
    const env = {
      ORDINARY: 'there',
      CREDENTIALS: `ana:${passwordSecret3}`,
      TOKEN: 'unrelated'
    }
    const args = ['get', '-o', '-', '-u', 'env:CREDENTIALS', '--on-complete', hook, origin.url('/F')]
    expect(await runFerry(args, {env})).toMatchObject({code: 0})
    expect(readFileSync(file, 'utf8')).toBe('there  unrelated\n')
  })
})

describe('--on-complete', () => {
  it('gets the record of --json, and changes nothing any more: a failure of it is only told', async () => {
    const file = join(scratchFolder(), 'record')
    const hook = `sh -c 'cat > "$1"; echo ignored; exit 3' hook '${file}'`
    origin.on('/missing', respond(404))
    const {code, stdout, stderr} = await runFerry(['get', '--on-complete', hook, origin.url('/missing')])
    expect({code, stdout}).toEqual({code: 22, stdout: ''})
    expect(stderr).toMatch(/^warning: --on-complete: the command ended with 3$/m)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({state: 'failed', status: 404})
  })
})

describe('a transfer that is stopped', () => {
  it('ends the hook that decides about it', async () => {
    const hook = `sh -c 'echo asked >&2; sleep 99'`
    const ferry = startFerry(['get', '-o', 'F', '--on-response', hook, origin.url('/F')])
    await ferry.untilStderr(/asked/)
    ferry.kill('SIGINT')
    // Standard error is the hook's as well: this ends only when both have ended.
    expect(await ferry.done).toMatchObject({code: 130})
  })
})
