import {expect, onTestFinished} from 'vitest'
import {startFerry} from '../cli-run/ferry.ts'
import type {LiveFerry} from '../cli-run/ferry.ts'
import {backgroundCrossing} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'

/** A line of `sessions attach`, as far as tests look at it. */
export interface Line {
  readonly seq: number
  readonly event: string
  readonly task: string | null
  readonly token?: string
}

/** The whole lines of a text. */
export function linesIn(text: string): readonly Line[] {
  const whole = text.slice(0, text.lastIndexOf('\n'))
  return whole === '' ? [] : whole.split('\n').map(line => JSON.parse(line) as Line)
}

/** A client that is attached until the test ends. */
export function attached({daemon}: BackgroundCrossing, session = 'background'): LiveFerry {
  const ferry = startFerry(['sessions', 'attach', session], {
    env: {FERRY_HOME: daemon.home},
    cwd: daemon.home
  })
  onTestFinished(() => ferry.kill('SIGKILL'))
  return ferry
}

/** Resolves with the token when the client was told that there is no more. */
export async function tokenOf(ferry: LiveFerry): Promise<string> {
  const lines = linesIn(await ferry.untilStdout(/eventsFinished.*\n/))
  return lines.findLast(({event}) => event === 'session.eventsFinished')?.token ?? ''
}

/** A background download that has ended. */
export async function withOneDone(): Promise<{crossing: BackgroundCrossing; id: string}> {
  const crossing = await backgroundCrossing()
  crossing.origin.serve('/F', {body: 'a file', entityTag: '"v1"'})
  const id = await crossing.submit(['get', '--background', '-o', 'F', crossing.origin.url('/F')])
  expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
  return {crossing, id}
}

/** What `sessions show background --json` says. */
export async function showOf({run}: BackgroundCrossing): Promise<Record<string, unknown>> {
  return JSON.parse((await run(['sessions', 'show', 'background', '--json'])).stdout) as Record<
    string,
    unknown
  >
}
