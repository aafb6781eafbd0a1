import {statSync, unlinkSync} from 'node:fs'
import {beside, partialName} from '../files/beside.ts'
import {TargetLock} from '../files/target-lock.ts'
import type {PlacedFile} from '../session-environment.ts'

/** Is this the very file? The system gives a number to one file only. */
export function isPlacedFile({path, size, device, inode}: PlacedFile): boolean {
  const facts = statSync(path, {throwIfNoEntry: false})
  return facts?.size === size && facts.dev === device && facts.ino === inode
}

/** Removes the right to write a target from beside it, where its holder is gone. Throws the system's error. */
export function sweepTarget(path: string): Promise<void> {
  return TargetLock.sweep(path)
}

/**
 * Removes what stands beside a file that has got its name, when the process that gave it was killed before it could: the
 * first name, and the right to write it. Resume data is for discardResumeData. Throws the system's error.
 */
export async function tidyPlacedFile(placed: PlacedFile): Promise<void> {
  const path = beside(placed.path, partialName)
  if (isPlacedFile({...placed, path})) unlinkSync(path)
  await sweepTarget(placed.path)
}
