import {existsSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {backgroundFolder} from './background-folder.ts'

/**
 * What is known without the journal, as an empty file. unfinished: tasks wait or run, and any ferry that finds no daemon
 * starts one. stopped: there are some, and a person has stopped them.
 */
export type Mark = 'unfinished' | 'stopped' | 'none'

const marks = ['unfinished', 'stopped'] as const

/** Leaves that mark and no other. Throws the system's error. */
export function setMark(stateFolder: string, mark: Mark): void {
  if (mark !== 'none') writeFileSync(pathOf(stateFolder, mark), '', {mode: 0o600})
  for (const other of marks) if (other !== mark) rmSync(pathOf(stateFolder, other), {force: true})
}

/** The mark that is there. */
export function readMark(stateFolder: string): Mark {
  return marks.find(mark => isThere(stateFolder, mark)) ?? 'none'
}

/** Is there work for a daemon? One look at the disk. */
export function isUnfinished(stateFolder: string): boolean {
  return isThere(stateFolder, 'unfinished')
}

/** The file that stands for unfinished tasks, for those who watch it. */
export function unfinishedPath(stateFolder: string): string {
  return pathOf(stateFolder, 'unfinished')
}

function isThere(stateFolder: string, mark: (typeof marks)[number]): boolean {
  return existsSync(pathOf(stateFolder, mark))
}

function pathOf(stateFolder: string, mark: (typeof marks)[number]): string {
  return join(backgroundFolder(stateFolder), mark)
}
