import {existsSync, rmSync} from 'node:fs'
import {claimSpool, sweepSpools, UploadTask} from '../../engine/index.ts'
import type {SessionEnvironment, SpoolClaim} from '../../engine/index.ts'

/**
 * The copies of standard input that a run makes or continues (--spool): claimed while no resume data names them, so
 * that another run can tell what nobody will ever send.
 */
export class Spools {
  readonly #folder: string
  readonly #claims = new Map<string, SpoolClaim>()

  constructor(folder: string) {
    this.#folder = folder
  }

  readonly claim = async (path: string): Promise<void> => {
    this.#claims.set(path, await claimSpool(path))
  }

  /** Somebody else looks after a copy from now on. */
  release(path: string): void {
    this.#claims.get(path)?.release()
    this.#claims.delete(path)
  }

  readonly didUpdateResumeData: NonNullable<SessionEnvironment['didUpdateResumeData']> = (task, path) => {
    const source = task instanceof UploadTask ? task.source : undefined
    if (source?.kind !== 'file' || source.lifetime !== 'task') return
    if (path !== undefined) this.release(source.path)
    // Without a claim it would only stay for ever if this process were killed.
    else if (existsSync(source.path)) void this.claim(source.path).catch(() => {})
  }

  /** The run is over: what is still claimed has nobody else, and what others have left goes, too. */
  async finish(): Promise<void> {
    for (const path of this.#claims.keys()) {
      rmSync(path, {force: true})
      this.release(path)
    }
    await sweepSpools(this.#folder)
  }
}
