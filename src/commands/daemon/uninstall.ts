import type {CommandDeclaration} from '../../cli/command.ts'
import {resultFlags as flags} from '../../cli/flags/output.ts'
import {usageError} from '../../cli/usage-error.ts'
import {ownerOf, removeServiceFiles} from '../../control/background/installation/service-files.ts'
import {runCommand} from '../run-command.ts'
import {reportService} from './report-service.ts'
import type {ServiceReport} from './report-service.ts'
import {serviceOfUser} from './user-service.ts'
import type {Service} from './user-service.ts'
import {hasUserSystemd, systemctl} from './systemctl.ts'

export const uninstall: CommandDeclaration = {
  id: 'daemon:uninstall',
  summary: 'Take away what ferry daemon install has written.',
  description:
    'Background transfers stay what they are, and go on with the next ferry command. Files that ferry did not make are left.',
  examples: [{description: 'Take the service away', command: 'ferry daemon uninstall'}],
  flags,
  run: argv =>
    runCommand({
      argv,
      flags,
      perform: async ({flags: given, operands}) => {
        if (operands.length > 0) throw usageError('daemon uninstall takes no words')
        return reportService(await takeAway(serviceOfUser()), given)
      }
    })
}

async function takeAway({kind, facts: {name}, files}: Service): Promise<ServiceReport> {
  const owners = await Promise.all(files.map(({path}) => ownerOf(path)))
  const isOrdered = kind === 'systemd' && owners.includes('ferry') && (await hasUserSystemd())
  if (isOrdered) await systemctl('disable', '--now', `${name}.socket`, `${name}.service`)
  const {removed, left} = await removeServiceFiles(files)
  if (isOrdered) await systemctl('daemon-reload')
  const done = removed.map(path => `Removed: ${path}`)
  return {
    done: done.length > 0 ? done : ['There is no service of ferry to take away.'],
    next: [
      ...left.map(path => `Left, because ferry did not make it: ${path}`),
      ...(removed.length > 0 ? forgettingSteps(kind, name) : [])
    ]
  }
}

function forgettingSteps(kind: Service['kind'], name: string): readonly string[] {
  switch (kind) {
    case 'systemd':
      return []
    case 'launchd':
      return [`Stop it now: launchctl bootout gui/$(id -u)/${name}`]
    case 'windows':
      return [`Take the task away: schtasks /Delete /TN ${name}`]
  }
}
