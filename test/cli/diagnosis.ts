import {expect} from 'vitest'
import type {Run, RunOptions} from '../cli-run/ferry.ts'
import {runFerry} from '../cli-run/ferry.ts'

export interface Finding {
  readonly topic: string
  readonly url: string | null
  readonly level: 'ok' | 'note' | 'warning' | 'problem'
  readonly message: string
  readonly hint: string | null
}

/** What doctor found. */
export interface Diagnosis {
  readonly code: number | null
  readonly findings: readonly Finding[]
  /** Everything that was printed. */
  readonly text: string
  /** Messages of one topic, those of a level if given. */
  about(topic: string, level?: Finding['level']): string[]
}

/** Runs doctor with --json; the document must agree with the exit code. */
export async function diagnose(args: readonly string[], options: RunOptions = {}): Promise<Diagnosis> {
  const run = await runFerry(['doctor', '--json', ...args], options)
  const document = parsed(run)
  expect(document).toMatchObject({ok: run.code === 0, exitCode: run.code})
  const {findings} = document
  return {
    code: run.code,
    findings,
    text: run.stdout + run.stderr,
    about: (topic, level) =>
      findings
        .filter(each => each.topic === topic && (level === undefined || each.level === level))
        .map(({message}) => message)
  }
}

function parsed({stdout, stderr}: Run): {findings: Finding[]} {
  expect(stdout, stderr).toMatch(/^\{/)
  return JSON.parse(stdout) as {findings: Finding[]}
}
