import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import type {
  ConfigurationChanges,
  DataOptions,
  DataTask,
  DownloadOptions,
  DownloadTask,
  SessionDelegate,
  TaskOutcome
} from '../../src/engine/index.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {recordedSession} from './recorded-session.ts'
import type {RecordedSession} from './recorded-session.ts'

interface Scene {
  readonly configuration?: ConfigurationChanges
  readonly delegate?: SessionDelegate
  readonly download?: Partial<DownloadOptions>
  readonly options?: DataOptions
}

/** What came of a data task whose delegate wanted a file. */
interface Become {
  readonly recorded: RecordedSession
  readonly task: DataTask
  readonly outcome: TaskOutcome
}

/** An origin, a folder, and data tasks whose delegate wants a file. */
export class Scenery {
  readonly origin: Origin
  readonly folder = scratchFolder()

  constructor(origin: Origin) {
    this.origin = origin
  }

  get target(): string {
    return join(this.folder, 'F')
  }

  get files(): string[] {
    return readdirSync(this.folder).toSorted()
  }

  /** Range of each request so far. */
  get ranges(): (string | undefined)[] {
    return this.origin.requests.map(request => request.header('range'))
  }

  /** Runs a data task for a path of the origin to its own end, which is the beginning of the download. */
  async become(path: string, {configuration, delegate, download, options}: Scene = {}): Promise<Become> {
    const recorded = recordedSession(configuration, {didReceiveResponse: () => 'becomeDownload', ...delegate})
    const {task, outcome} = await recorded.get(urlRequest(this.origin.url(path)), {
      download: {directory: this.folder, ...download},
      ...options
    })
    return {recorded, task, outcome}
  }
}

/** Scenery that is taken down with the test. */
export async function openScenery(): Promise<Scenery> {
  const origin = await startOrigin()
  onTestFinished(() => origin.close())
  return new Scenery(origin)
}

/** What a data task has become. */
export function downloadOf({task}: {task: DataTask}): DownloadTask {
  if (!task.download) throw new Error('The task did not become a download')
  return task.download
}
