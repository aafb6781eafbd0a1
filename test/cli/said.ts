import {expect} from 'vitest'
import type {Run} from '../cli-run/ferry.ts'

/** The parts of an error: what failed (method and URL, where there is one), why, the code, and what to do next. */
export interface Explanation {
  readonly failed: string
  readonly why: string
  readonly code: string
  readonly next: string
}

const inOneLine = /^ferry: Failed: (?<why>.+) \((?<code>[A-Z_]+)\)$/m
const inTwoLines = /^ferry: Failed: (?<failed>[A-Z]+ .+)\nWhy: (?<why>.+) \((?<code>[A-Z_]+)\)$/m

/** The one error that a run explained; fails unless it has all its parts. */
export function explanation({stderr}: Run): Explanation {
  expect(stderr.match(/^ferry: /gm), stderr).toHaveLength(1)
  const found = inTwoLines.exec(stderr) ?? inOneLine.exec(stderr)
  const {failed = '', why = '', code = ''} = found?.groups ?? {}
  const next = /^Next: (.{10,})$/m.exec(stderr)?.[1] ?? ''
  expect({why, next}, stderr).not.toMatchObject({why: ''})
  expect(next, stderr).not.toBe('')
  return {failed, why, code, next}
}

export interface Event {
  readonly v: number
  readonly seq: number
  readonly event: string
  readonly session: string
  readonly task: string | null
  readonly [fact: string]: unknown
}

/** The lines of `--events`. */
export function eventsOf({stdout}: Pick<Run, 'stdout'>): Event[] {
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Event)
}

/** A task as `--json` tells of it. */
export interface TaskFacts {
  readonly id: string
  readonly state: string
  readonly path: string | null
  readonly bytes: number
  readonly resumedFrom: number | null
  readonly error: {readonly code: string; readonly message: string; readonly exitCode: number} | null
  readonly resumeData: string | null
  readonly [fact: string]: unknown
}

/** The document of `--json`. */
export function documentOf({stdout}: Pick<Run, 'stdout'>): {ok: boolean; tasks: TaskFacts[]} {
  return JSON.parse(stdout) as {ok: boolean; tasks: TaskFacts[]}
}
