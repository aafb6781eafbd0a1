import {fileURLToPath} from 'node:url'
import type {DaemonStart} from '../../control/background/daemon/launch-daemon.ts'
import {placesOfUser} from '../transfer/places-of-user.ts'

/** How this ferry starts its daemon. Nothing is started or made by asking. */
export function daemonStart(): DaemonStart {
  const places = placesOfUser()
  return {places, command: daemonCommand(), environment: process.env}
}

/** The program that this is, with the words that make it the daemon. */
export function daemonCommand(): DaemonStart['command'] {
  // Seen from dist, where every bundle lies.
  const program = fileURLToPath(new URL('../bin/run.js', import.meta.url))
  return [process.execPath, program, 'daemon', 'run']
}
