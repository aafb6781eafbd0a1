import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {HookRunner} from '../../../src/commands/transfer/hooks/run-hook.ts'
import type {HookEnd} from '../../../src/commands/transfer/hooks/run-hook.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const environment = {PATH: process.env['PATH']}
const patient = new HookRunner({patience: 20_000, environment})

function run(script: string, stop?: AbortSignal, runner = patient): Promise<HookEnd> {
  const command = {program: 'sh', words: ['-c', script]}
  return runner.run({command, input: 'facts', output: 'read', ...(stop && {stop})})
}

/** Does a process run? One that has ended and that nobody has asked about yet does not. */
function runs(pid: number): boolean {
  const state = `/proc/${pid}/stat`
  try {
    return process.kill(pid, 0) && !(existsSync(state) && readFileSync(state, 'utf8').includes(') Z '))
  } catch {
    return false
  }
}

async function untilEnded(pids: readonly number[]): Promise<void> {
  while (pids.some(runs)) await sleep(5)
}

describe('a hook', () => {
  it('gets its input, and what it prints is read to the end', async () => {
    expect(await run('cat; echo')).toEqual({kind: 'ended', output: 'facts\n', failure: undefined})
  })

  it('need not read its input', async () => {
    const command = {program: 'sh', words: ['-c', 'exec <&-; echo x']}
    const end = await patient.run({command, input: 'f'.repeat(1 << 20), output: 'read'})
    expect(end).toMatchObject({output: 'x\n'})
  })

  it.each([
    ['exit 3', 'ended with 3'],
    ['kill -9 $$', 'was ended by SIGKILL']
  ])('that fails tells how: %s', async (script, failure) => {
    expect(await run(script)).toMatchObject({kind: 'ended', failure})
  })

  it('sees the environment that it is given', async () => {
    const seen = await run('echo "${PATH-none} ${HOME-none}"')
    expect(seen).toMatchObject({output: `${process.env['PATH']} none\n`})
  })

  it.each([
    ['is not there', 'no-such-program', 'there is no such program as no-such-program'],
    ['is no program', new URL(import.meta.url).pathname, 'it may not be executed']
  ])('whose program %s is not started', async (_what, program, why) => {
    const end = await patient.run({command: {program, words: []}, input: '', output: 'read'})
    expect(end).toEqual({kind: 'notStarted', why})
  })

  it('is ended as soon as it prints more than 64 KiB', async () => {
    expect(await run('yes')).toEqual({kind: 'tooLong'})
    expect(await run('head -c 65536 /dev/zero')).toMatchObject({kind: 'ended'})
  })

  it('has its words as they were written: no shell looks at them', async () => {
    const command = {program: 'echo', words: ['$PATH', '*', '; exit 1']}
    expect(await patient.run({command, input: '', output: 'read'})).toMatchObject({
      output: '$PATH * ; exit 1\n'
    })
  })
})

describe('a hook that goes on', () => {
  const hasty = new HookRunner({patience: 300, environment})

  it.each([
    ['waits', 'sleep 99 & echo $! $$ >pids; wait'],
    ['leaves something behind that holds its output', 'sleep 99 & echo $! $$ >pids']
  ])('is ended with all its processes when its time is over: one that %s [3A 40]', async (_what, script) => {
    const folder = scratchFolder()
    expect(await run(`cd '${folder}'; ${script}`, undefined, hasty)).toEqual({kind: 'late'})
    const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split(' ').map(Number)
    expect(pids).toHaveLength(2)
    await untilEnded(pids)
  })

  it('is ended with all its processes when it is stopped, and not started after that', async () => {
    const folder = scratchFolder()
    const stop = new AbortController()
    const end = run(`cd '${folder}'; sleep 99 & echo $! $$ >begun; mv begun pids; wait`, stop.signal)
    while (!existsSync(join(folder, 'pids'))) await sleep(5)
    stop.abort()
    expect(await end).toEqual({kind: 'stopped'})
    await untilEnded(readFileSync(join(folder, 'pids'), 'utf8').trim().split(' ').map(Number))
    expect(await run('echo x', stop.signal)).toEqual({kind: 'stopped'})
  })
})
