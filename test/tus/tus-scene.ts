import {truncateSync, writeFileSync} from 'node:fs'
import type {ConfigurationChanges} from '../../src/engine/index.ts'
import {openWalkStage} from '../engine/upload/walk-stage.ts'
import type {WalkStage} from '../engine/upload/walk-stage.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {TusOrigin} from './tus-origin.ts'

/** A stage whose origin speaks tus, and whose session does. */
export interface TusScene {
  readonly stage: WalkStage
  readonly tus: TusOrigin
}

/** Opens a scene that is taken down with the test; a failed attempt is made again twice, at once. */
export async function openTusScene(configuration: ConfigurationChanges = {}): Promise<TusScene> {
  const stage = await openWalkStage({
    configuration: {uploads: {resumable: 'tus'}, retry: {attempts: 2, delay: 0.001}, ...configuration}
  })
  return {stage, tus: new TusOrigin(stage.origin)}
}

/** Puts so many bytes into the file that the stage sends. */
export function fill({stage}: TusScene, size: number): Buffer {
  const content = seededBytes(size, 9)
  writeFileSync(stage.file, content)
  return content
}

/** The same with zeros, which take no room. */
export function fillWithZeros({stage}: TusScene, size: number): void {
  truncateSync(stage.file, 0)
  truncateSync(stage.file, size)
}
