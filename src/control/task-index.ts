import {lstat, readdir, unlink} from 'node:fs/promises'
import {isAbsolute, join} from 'node:path'
import type {ResumeData, TaskOutcome} from '../engine/index.ts'
import {readResumeData, TransferError} from '../engine/index.ts'
import {EndedRing} from './ended-ring.ts'
import {listedEntry, standing, upToDate} from './index-entry.ts'
import type {EntryCircumstances, IndexEntry} from './index-entry.ts'
import {ensurePrivateFolder, inspectPrivateFolder, isCode} from './places.ts'
import {readSmallFile, replacePrivateFile} from './private-file.ts'
import {isTaskId, matchTask, taskUnknown} from './task-id.ts'
import type {EndedTask, ListedTask, TaskRecord} from './task-record.ts'
import {isTemporary, removeAbandoned} from './temporary-file.ts'

/** A task of the index, as it stands now. */
export interface IndexedTask {
  readonly listed: ListedTask
  /** Of a task that has ended; null while it may still run. */
  readonly exitCode: number | null
  /** Milliseconds since the epoch. */
  readonly created: number
  /** The task that has taken its resume data over, as it stands. */
  readonly successor?: ListedTask
}

export interface IndexListing {
  /** Oldest first. */
  readonly tasks: readonly IndexedTask[]
  /** Files that could not be understood; they are left alone. */
  readonly unreadable: readonly string[]
}

const largestEntry = 256 * 1024
const day = 24 * 3600 * 1000

/**
 * The tasks that can be resumed, and the newest that ended, as small files in the state folder: what is known of a
 * task once its process is gone. Entries are facts about files elsewhere; losing one loses no bytes.
 */
export class TaskIndex {
  readonly #folder: string
  readonly #ring: EndedRing
  readonly #exitCode: (outcome: TaskOutcome) => number

  constructor(options: {stateFolder: string; exitCode: (outcome: TaskOutcome) => number}) {
    this.#folder = join(options.stateFolder, 'tasks')
    this.#ring = new EndedRing(join(options.stateFolder, 'ended'))
    this.#exitCode = options.exitCode
  }

  /** Remembers the task, in place of what was known of it. */
  async write(entry: IndexEntry): Promise<void> {
    await ensurePrivateFolder(this.#folder)
    await replacePrivateFile(this.#pathOf(entry.record.id), JSON.stringify(entry))
  }

  /** Forgets the task; nothing when it is not known. */
  async remove(id: string): Promise<void> {
    await unlink(this.#pathOf(id)).catch((cause: unknown) => {
      if (!isCode(cause, 'ENOENT'))
        throw new TransferError('WRITE_FAILED', `Task ${id} cannot be removed from the index`, {cause})
    })
  }

  /** Keeps how tasks ended that left nothing to resume; the oldest ones make room. */
  keepEnded(entries: readonly IndexEntry[]): Promise<void> {
    return this.#ring.add(entries)
  }

  /** resumable: what runs, and what can be resumed. all: the newest ended ones too. */
  async list(which: 'resumable' | 'all' = 'resumable'): Promise<IndexListing> {
    const {entries, unreadable} = await this.#readEntries()
    const tasks = await this.#indexed(entries)
    if (which === 'resumable')
      return {tasks: tasks.filter(({listed}) => listed.resumeData !== null), unreadable}
    const ended = await this.#ring.read()
    const known = new Set(entries.map(({record}) => record.id))
    const others = ended.entries.filter(({record}) => !known.has(record.id))
    const all = [...tasks, ...(await this.#indexed(others))].toSorted((a, b) => a.created - b.created)
    return {tasks: all, unreadable: [...unreadable, ...ended.unreadable]}
  }

  /**
   * The task of that id or unique beginning, ended ones included; what can be done to it is in its actions. Throws
   * USAGE when several begin so.
   */
  async find(idOrPrefix: string): Promise<IndexedTask | undefined> {
    const {tasks} = await this.list('all')
    return matchTask(idOrPrefix, new Map(tasks.map(task => [task.listed.id, task])))
  }

  /**
   * Cancels a task that no process runs: discards its resume data with the function given, and keeps that it was
   * cancelled. Throws what the function throws, and then leaves the entry as it was.
   */
  async cancel(id: string, discardResumeData: (path: string) => Promise<void>): Promise<EndedTask> {
    const entry = await readEntry(this.#pathOf(id))
    if (!entry) throw taskUnknown(id)
    if (entry.record.resumeData !== null) await discardResumeData(entry.record.resumeData)
    const exitCode = this.#exitCode({state: 'cancelled'})
    const record: TaskRecord = {...entry.record, state: 'cancelled', error: null, resumeData: null}
    await this.keepEnded([{...entry, record, exitCode, ended: Date.now()}])
    await this.remove(id)
    return {record, exitCode}
  }

  async #readEntries(): Promise<{entries: IndexEntry[]; unreadable: string[]}> {
    const entries: IndexEntry[] = []
    const unreadable: string[] = []
    if ((await inspectPrivateFolder(this.#folder)) === 'missing') return {entries, unreadable}
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name)
      if (isTemporary(name)) removeAbandoned(path)
      else if (name.endsWith('.json')) {
        const entry = await readEntry(path).catch(() => 'unreadable' as const)
        if (entry === 'unreadable' || (entry && `${entry.record.id}.json` !== name)) unreadable.push(path)
        else if (entry) entries.push(entry)
      }
    }
    return {entries: entries.toSorted((a, b) => a.created - b.created), unreadable}
  }

  #indexed(entries: readonly IndexEntry[]): Promise<IndexedTask[]> {
    const newest = new Map(entries.map(entry => [entry.record.resumeData, entry]))
    return Promise.all(
      entries.map(async entry => {
        // A task that continued another's resume data took it over: the one before has nothing left.
        const owner = newest.get(entry.record.resumeData)
        if (owner === entry || !owner) return this.#stands(entry, await resumeDataOf(entry.record))
        const {listed: successor} = await this.#stands(owner, await resumeDataOf(owner.record))
        return {...(await this.#stands(entry, 'gone')), ...(successor.resumeData !== null && {successor})}
      })
    )
  }

  async #stands(entry: IndexEntry, content: ResumeData | 'unreadable' | 'gone'): Promise<IndexedTask> {
    if (content === 'gone') await this.#forgetOld(entry)
    const circumstances: EntryCircumstances = {
      resumeData: content === 'gone' ? 'gone' : 'here',
      exitCode: this.#exitCode
    }
    const now = standing(typeof content === 'object' ? upToDate(entry, content) : entry, circumstances)
    return {listed: listedEntry(now, circumstances), exitCode: now.exitCode, created: now.created}
  }

  // Not at once: the resume data may lie on a disk that is only unplugged.
  async #forgetOld(entry: IndexEntry): Promise<void> {
    if (Date.now() - (entry.ended ?? entry.created) > 30 * day)
      await this.remove(entry.record.id).catch(() => {})
  }

  #pathOf(id: string): string {
    if (!isTaskId(id)) throw new TransferError('USAGE', `${JSON.stringify(id)} is not the id of a task`)
    return join(this.#folder, `${id}.json`)
  }
}

async function readEntry(path: string): Promise<IndexEntry | undefined> {
  const text = await readSmallFile(path, largestEntry)
  if (text === undefined) return undefined
  const {parse} = await import('valibot')
  const {indexEntry} = await import('./schemas.ts')
  return parse(indexEntry, JSON.parse(text))
}

async function resumeDataOf({resumeData}: TaskRecord): Promise<ResumeData | 'unreadable' | 'gone'> {
  if (resumeData === null || !isAbsolute(resumeData)) return 'gone'
  const stats = await lstat(resumeData).catch(() => undefined)
  if (!stats?.isFile()) return 'gone'
  const read = await readResumeData(resumeData).catch(() => undefined)
  return read ? read.data : 'unreadable'
}
