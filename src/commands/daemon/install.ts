import type {CommandDeclaration} from '../../cli/command.ts'
import {resultFlags as flags} from '../../cli/flags/output.ts'
import {usageError} from '../../cli/usage-error.ts'
import {runCommand} from '../run-command.ts'
import {stopDaemon} from '../../control/background/daemon/running-daemon.ts'
import {writeServiceFiles} from '../../control/background/installation/service-files.ts'
import {reportService} from './report-service.ts'
import {serviceOfUser} from './user-service.ts'
import type {Service} from './user-service.ts'
import {hasUserSystemd, systemctl} from './systemctl.ts'

export const install: CommandDeclaration = {
  id: 'daemon:install',
  summary: 'Let background transfers go on by themselves after a restart of the machine.',
  description:
    'Without it they go on with the next ferry command. Writes a service for this user alone: units of systemd, an agent ' +
    'of launchd or a task of Windows; nothing needs an administrator. Says what it has written and what is left to do.',
  examples: [{description: 'Once for each user', command: 'ferry daemon install'}],
  flags,
  run: argv =>
    runCommand({
      argv,
      flags,
      perform: async ({flags: given, operands}) => {
        if (operands.length > 0) throw usageError('daemon install takes no words')
        const service = serviceOfUser()
        await writeServiceFiles(service.files)
        const isEnabled = service.kind === 'systemd' && (await hasUserSystemd())
        if (isEnabled) await enable(service)
        const done = service.files.map(({path}) => `Written: ${path}`)
        if (isEnabled) done.push('Enabled: systemd starts the background service from now on.')
        return reportService({done, next: nextSteps(service, isEnabled ? 'enabled' : 'written')}, given)
      }
    })
}

// A daemon that was started without systemd has the name of the socket; what it was doing goes on in the next one.
async function enable({facts: {name, places}}: Service): Promise<void> {
  await systemctl('daemon-reload')
  await stopDaemon(places, 'keep')
  await systemctl('enable', '--now', `${name}.socket`, `${name}.service`)
}

function nextSteps({kind, facts, files}: Service, standing: 'enabled' | 'written'): readonly string[] {
  const [{path} = {path: ''}] = files
  switch (kind) {
    case 'systemd': {
      const enabling = `systemctl --user daemon-reload && systemctl --user enable --now ${facts.name}.socket ${facts.name}.service`
      const linger = 'To go on before anybody has logged in: loginctl enable-linger'
      return standing === 'enabled'
        ? [linger]
        : [`The systemd of this user cannot be reached. In a login session: ${enabling}`, linger]
    }
    case 'launchd':
      return [
        `Start it now, and with each login: launchctl bootstrap gui/$(id -u) '${path.replaceAll("'", `'\\''`)}'`
      ]
    case 'windows': {
      const home = facts.environment['FERRY_HOME']
      const create = `Let it start with each log-on: schtasks /Create /TN ${facts.name} /XML "${path}"`
      return home === undefined
        ? [create]
        : [create, `A task has no variables of its own: setx FERRY_HOME "${home}"`]
    }
  }
}
