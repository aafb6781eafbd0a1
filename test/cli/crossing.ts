import {readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect, vi} from 'vitest'
import type {LiveFerry, Run, RunOptions} from '../cli-run/ferry.ts'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import type {Origin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {patience} from '../scratch/patience.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

/** What is fetched; the first answer gives so much of it and then waits for ever. */
export const whole = seededBytes(400_000, 5)
export const firstBytes = 150_000

/** A task as `tasks --json` lists it. */
export interface Listed {
  readonly id: string
  readonly state: string
  readonly pid: number | null
  readonly actions: readonly string[]
  readonly path: string | null
  readonly bytes: number
  readonly total: number | null
  readonly resumeData: string | null
}

/** One user's machine: a state folder, and a folder to download into. */
export class Crossing {
  readonly home = scratchFolder()
  readonly cwd = scratchFolder()

  get options(): RunOptions {
    return {cwd: this.cwd, env: {FERRY_HOME: this.home}}
  }

  path(name: string): string {
    return join(this.cwd, name)
  }

  run(args: readonly string[], changes: RunOptions = {}): Promise<Run> {
    return runFerry(args, {...this.options, ...changes})
  }

  start(args: readonly string[]): LiveFerry {
    return startFerry(args, this.options)
  }

  async tasks(...flags: readonly string[]): Promise<Listed[]> {
    const {stdout} = await this.run(['tasks', '--json', ...flags])
    return (JSON.parse(stdout) as {tasks: Listed[]}).tasks
  }

  /** The one task there is. */
  async task(...flags: readonly string[]): Promise<Listed> {
    const listed = await this.tasks(...flags)
    expect(listed).toHaveLength(1)
    return listed[0] as Listed
  }

  /** Resolves when the first bytes of a transfer are on disk, and its process can be seen by others. */
  async isUnderWay(name: string, {pid}: LiveFerry): Promise<void> {
    const runtime = join(this.home, 'run')
    await vi.waitFor(() => {
      expect(readdirSync(runtime).some(entry => entry.startsWith(`${pid}-`))).toBe(true)
      const received = readFileSync(this.path(`${name}.part`)).subarray(0, firstBytes)
      expect(received.equals(whole.subarray(0, firstBytes))).toBe(true)
    }, patience)
  }

  /** Starts a get of an address whose first answer stops half-way, and waits until it is under way. */
  async startHalf(origin: Origin, name: string, flags: readonly string[] = []): Promise<LiveFerry> {
    serveHalf(origin, `/${name}`)
    const ferry = this.start(['get', ...flags, origin.url(`/${name}`)])
    await this.isUnderWay(name, ferry)
    return ferry
  }

  /** The same, paused: resolves to its task. */
  async pausedHalf(origin: Origin, name: string): Promise<Listed> {
    const ferry = await this.startHalf(origin, name)
    expect(await this.run(['pause', '--all'])).toMatchObject({code: 0})
    expect(await ferry.done).toMatchObject({code: 114})
    const listed = (await this.tasks()).find(({path}) => path === this.path(name))
    expect(listed).toMatchObject({state: 'paused'})
    return listed as Listed
  }
}

/** The first answer stops and stays open; those after it are whole. */
export function serveHalf(origin: Origin, path: string): void {
  origin.serve(path, {body: whole, entityTag: '"v1"', faults: [{stallAfter: firstBytes}]})
}

/** The same without anything to recognise the version by: it cannot be resumed. */
export function serveUnresumable(origin: Origin, path: string): void {
  origin.serve(path, {
    body: whole,
    acceptRanges: 'absent',
    ranges: 'ignored',
    faults: [{stallAfter: firstBytes}]
  })
}

/** Serves a file that waits half-way until it is released. */
export function serveHeld(origin: Origin, path: string): {release: () => void} {
  let release: () => void = () => {}
  const until = new Promise<void>(resolve => {
    release = resolve
  })
  origin.serve(path, {body: whole, entityTag: '"v1"', fault: {holdAfter: {bytes: firstBytes, until}}})
  return {release: () => release()}
}
