import {daemonStart} from './daemon-words.ts'
import {serviceFacts} from '../../control/background/installation/service-facts.ts'
import type {ServiceFacts, ServiceFile} from '../../control/background/installation/service-facts.ts'
import {launchdAgent} from '../../control/background/installation/service-launchd.ts'
import {systemdFolder, systemdUnits} from '../../control/background/installation/service-systemd.ts'
import {windowsTask} from '../../control/background/installation/service-windows.ts'

/** What starts the daemon on this system when the user logs in, or when somebody asks for it. */
export interface Service {
  readonly kind: 'systemd' | 'launchd' | 'windows'
  readonly facts: ServiceFacts
  readonly files: readonly ServiceFile[]
}

/** The service of this user. Nothing is written by asking. Throws REFUSED for folders whose names cannot be written down. */
export function serviceOfUser(): Service {
  const {places, command, environment} = daemonStart()
  const facts = serviceFacts(environment, {places, command})
  switch (process.platform) {
    case 'darwin':
      return {kind: 'launchd', facts, files: [launchdAgent(facts, environment['HOME'] ?? '/')]}
    case 'win32':
      return {kind: 'windows', facts, files: [windowsTask(facts)]}
    default:
      return {kind: 'systemd', facts, files: systemdUnits(facts, systemdFolder(environment))}
  }
}
