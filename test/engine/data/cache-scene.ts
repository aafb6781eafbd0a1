import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import type {ConfigurationChanges, SessionDelegate, TransferError} from '../../../src/engine/index.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {RecordedSession} from '../recorded-session.ts'

interface SessionOptions {
  readonly delegate?: SessionDelegate
  readonly kind?: 'default' | 'ephemeral'
  readonly name?: string
}

/** An origin, and a folder for the stores of sessions. */
export class CacheScene {
  readonly origin: Origin
  readonly folder = scratchFolder()
  /** What the user was told of the stores. */
  readonly reports: TransferError[] = []

  constructor(origin: Origin) {
    this.origin = origin
  }

  /** Names of the stored bodies, of all sessions. */
  get bodies(): string[] {
    const cache = join(this.folder, 'cache')
    if (!existsSync(cache)) return []
    const names = readdirSync(cache, {recursive: true, withFileTypes: true})
    return names
      .filter(each => each.isFile() && each.name !== '.swept')
      .map(({parentPath, name}) => join(parentPath, name))
  }

  /** A session over the stores, as another process would open it. */
  open(
    changes: ConfigurationChanges = {},
    {delegate = {}, kind = 'default', name = 'shared'}: SessionOptions = {}
  ): RecordedSession {
    const configuration = SessionConfiguration[kind]({
      retry: {attempts: 0},
      timeouts: {connect: 5, idle: 5}
    }).with(changes)
    const report = (error: TransferError) => void this.reports.push(error)
    const stores = {folder: this.folder, report}
    const recorded = new RecordedSession(configuration, delegate, {name, stores})
    onTestFinished(() => recorded.session.invalidateAndCancel())
    return recorded
  }

  /** What a session of its own gets from the address. */
  async get(path: string, changes: ConfigurationChanges = {}): Promise<string> {
    const {body} = await this.open(changes).get(this.origin.url(path))
    return body.toString()
  }

  /** Serves another text at every request, `1`, `2` ..., with these fields. */
  serve(path: string, fields: Readonly<Record<string, string>>): void {
    let count = 0
    this.origin.on(path, (_request, reply) => {
      count += 1
      return reply.respond(200, {date: new Date().toUTCString(), ...fields}, String(count))
    })
  }
}

/** A scene that lives as long as the test. */
export async function cacheScene(): Promise<CacheScene> {
  const origin = await startOrigin()
  const scene = new CacheScene(origin)
  onTestFinished(() => origin.close())
  return scene
}
