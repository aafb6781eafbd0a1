import {rm, stat} from 'node:fs/promises'
import {Interrupted} from '../../cli/interrupted.ts'
import {watchSignals} from '../../cli/signals.ts'
import type {StopSignal} from '../../cli/signals.ts'
import {TransferError, spool} from '../../engine/index.ts'
import type {SpoolOptions, UploadSource} from '../../engine/index.ts'

/**
 * Copies standard input into a folder, to be sent from there (--spool); the copy belongs to the upload. Rejects with
 * READ_FAILED where a length was announced that it does not have, WRITE_FAILED, NO_SPACE, or Interrupted.
 */
export async function spoolStandardInput(
  length: number | undefined,
  options: Pick<SpoolOptions, 'folder' | 'claim'>
): Promise<UploadSource> {
  const path = await copyUnlessStopped(options)
  const {size} = await stat(path)
  if (length === undefined || size === length) return {kind: 'file', path, lifetime: 'task'}
  await rm(path, {force: true})
  throw new TransferError(
    'READ_FAILED',
    `Standard input gave ${size} bytes instead of the ${length} of --length`,
    {
      hint: 'Leave --length out: with --spool the length is known.'
    }
  )
}

async function copyUnlessStopped(options: SpoolOptions): Promise<string> {
  const stopping = new AbortController()
  let stoppedBy: StopSignal | undefined
  const stop = (signal: StopSignal): void => {
    stoppedBy ??= signal
    stopping.abort()
  }
  const unwatch = watchSignals({stop, abandon: stop})
  try {
    return await spool(process.stdin, {...options, signal: stopping.signal})
  } catch (error) {
    throw stoppedBy === undefined ? error : new Interrupted(stoppedBy)
  } finally {
    unwatch()
  }
}
