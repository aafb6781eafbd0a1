import {BackgroundClient} from '../../control/background/daemon/background-client.ts'
import {daemonStart} from '../daemon/daemon-words.ts'

/** The background service of this user. Nothing is started by asking for it. */
export function openBackground(): BackgroundClient {
  const start = daemonStart()
  return new BackgroundClient({
    places: start.places,
    start: async () => {
      const {startDaemon} = await import('../../control/background/daemon/start-daemon.ts')
      return startDaemon(start)
    }
  })
}
