import {closeSync, existsSync, fsyncSync, openSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {isCode} from '../places.ts'
import {backgroundFolder} from './background-folder.ts'

/**
 * What is known without the journal, as an empty file. unfinished: tasks wait or run, and any ferry that finds no daemon
 * starts one. stopped: there are some, and a person has stopped them.
 */
export type Mark = 'unfinished' | 'stopped' | 'none'

const marks = ['unfinished', 'stopped'] as const

/** Leaves that mark and no other, after a power cut too. Throws the system's error. */
export function setMark(stateFolder: string, mark: Mark): void {
  if (mark !== 'none') makeEmpty(pathOf(stateFolder, mark))
  for (const other of marks) if (other !== mark) rmSync(pathOf(stateFolder, other), {force: true})
  // One that stays although there is nothing to do only starts a daemon in vain.
  if (mark !== 'none') flush(backgroundFolder(stateFolder))
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

// At once, and not later as a promise: whoever handed tasks over is told when they are safe.
function flush(folder: string): void {
  if (process.platform === 'win32') return
  const file = openSync(folder, 'r')
  try {
    fsyncSync(file)
  } catch {
    // Some file systems cannot flush a folder.
  } finally {
    closeSync(file)
  }
}

// What is there already says enough, whatever it is; nothing behind a link is touched.
function makeEmpty(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  }
}

function isThere(stateFolder: string, mark: (typeof marks)[number]): boolean {
  return existsSync(pathOf(stateFolder, mark))
}

function pathOf(stateFolder: string, mark: (typeof marks)[number]): string {
  return join(backgroundFolder(stateFolder), mark)
}
