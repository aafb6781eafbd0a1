import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {DaemonFacts} from '../../src/control/background/daemon-facts.ts'
import {startDaemon} from '../../src/control/background/daemon/start-daemon.ts'
import {resolvePlaces} from '../../src/control/places.ts'
import type {DaemonHome} from './daemon.ts'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** As a command starts it, with these variables beside the usual ones. */
export function startDaemonOf(
  {home}: DaemonHome,
  environment: Record<string, string> = {}
): Promise<DaemonFacts> {
  return startDaemon({
    places: resolvePlaces({FERRY_HOME: home}, process.platform, process.getuid?.()),
    command: [process.execPath, program, 'daemon', 'run'],
    environment: {FERRY_HOME: home, HOME: home, PATH: process.env['PATH'], ...environment}
  })
}

/** Makes it look as if tasks waited. */
export function leaveWork({home}: DaemonHome): void {
  mkdirSync(join(home, 'state', 'background'), {recursive: true, mode: 0o700})
  chmodSync(join(home, 'state'), 0o700)
  writeFileSync(join(home, 'state', 'background', 'unfinished'), '')
}
