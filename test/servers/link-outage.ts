import type {ChildProcess} from 'node:child_process'
import {execFileSync, spawn} from 'node:child_process'
import {statSync} from 'node:fs'
import {text} from 'node:stream/consumers'
import {setTimeout as sleep} from 'node:timers/promises'
import {startOrigin} from '../origin/origin.ts'
import type {SeededBody} from '../origin/seeded-bytes.ts'
import {locateProgram} from './program.ts'

/** What a scene needs to know; it runs as a program of its own, in the folder of the download. */
export interface Outage {
  readonly binary: string
  readonly args: readonly string[]
  readonly body: SeededBody
  /** Bytes a second of the first answer. */
  readonly limit: number
  /** Milliseconds without a link. */
  readonly duration: number
}

/** What came of it; the ranges asked for are in the order of the requests, with null for none. */
export interface Aftermath {
  readonly code: number | null
  readonly stderr: string
  readonly ranges: readonly (string | null)[]
}

function setLink(state: 'up' | 'down'): void {
  execFileSync(locateProgram({name: 'ip', package: 'iproute2'}), ['link', 'set', 'lo', state])
}

async function untilOnDisk(bytes: number, writer: ChildProcess): Promise<void> {
  const size = (): number => statSync('F.part', {throwIfNoEntry: false})?.size ?? 0
  while (writer.exitCode === null && size() < bytes) await sleep(20)
}

const outage = JSON.parse(process.argv[2] ?? '') as Outage
setLink('up')
await using origin = await startOrigin()
origin.serve('/F', {body: outage.body, entityTag: '"v1"', faults: [{limit: outage.limit}]})
const words = [outage.binary, 'get', ...outage.args, origin.url('/F')]
const ferry = spawn(process.execPath, words, {stdio: ['ignore', 'ignore', 'pipe']})
const ended = new Promise<number | null>(resolve => ferry.once('close', resolve))
const said = text(ferry.stderr)
await untilOnDisk(outage.body.size / 10, ferry)
setLink('down')
await sleep(outage.duration)
setLink('up')
const aftermath: Aftermath = {
  code: await ended,
  stderr: await said,
  ranges: origin.requests.map(request => request.header('range') ?? null)
}
process.stdout.write(JSON.stringify(aftermath))
