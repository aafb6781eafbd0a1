import {join} from 'node:path'
import {daemonAddress} from '../../endpoint-address.ts'
import {ownMark} from './service-facts.ts'
import type {ServiceFacts, ServiceFile} from './service-facts.ts'

/**
 * A service of the user and its socket (systemd.service(5), systemd.socket(5)). The socket starts the service when somebody
 * asks for it; the service also starts with the user's manager, looks whether tasks wait, and leaves if none do.
 */
export function systemdUnits(facts: ServiceFacts, folder: string): readonly ServiceFile[] {
  return [
    {path: join(folder, `${facts.name}.socket`), content: socketUnit(facts)},
    {path: join(folder, `${facts.name}.service`), content: serviceUnit(facts)}
  ]
}

/** Where systemd looks for units that a user has made. */
export function systemdFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const {HOME: home = '/', XDG_CONFIG_HOME: config} = environment
  return join(config?.startsWith('/') ? config : join(home, '.config'), 'systemd', 'user')
}

function socketUnit({name, places, runtimeRoot}: ServiceFacts): string {
  const path = daemonAddress(places.runtime).socketPath
  // The whole rest of the line is the path, without quotes. %t is XDG_RUNTIME_DIR, which may differ from login to login.
  const listen = runtimeRoot
    ? `%t${escapeSpecifiers(path.slice(runtimeRoot.length))}`
    : escapeSpecifiers(path)
  return unit([
    ['Unit', [`Description=Starts background transfers of ferry (${name}) when they are asked for`]],
    ['Socket', [`ListenStream=${listen}`, 'SocketMode=0600', 'DirectoryMode=0700']],
    ['Install', ['WantedBy=sockets.target']]
  ])
}

function serviceUnit({name, command, environment}: ServiceFacts): string {
  const variables = Object.entries(environment).map(
    ([key, value]) => `Environment=${quote(`${key}=${value}`)}`
  )
  return unit([
    [
      'Unit',
      [
        `Description=Background transfers of ferry (${name})`,
        `Requires=${name}.socket`,
        `After=${name}.socket`
      ]
    ],
    [
      'Service',
      [
        'Type=exec',
        // The colon keeps $ in a path from being read as a variable.
        `ExecStart=:${command.map(quote).join(' ')}`,
        ...variables,
        'WorkingDirectory=/',
        'Restart=on-failure',
        'RestartSec=5',
        'TimeoutStopSec=90'
      ]
    ],
    ['Install', ['WantedBy=default.target']]
  ])
}

function unit(sections: readonly (readonly [name: string, lines: readonly string[]])[]): string {
  const texts = sections.map(([name, lines]) => [`[${name}]`, ...lines].join('\n'))
  return `# ${ownMark}\n${texts.join('\n\n')}\n`
}

function quote(word: string): string {
  return `"${escapeSpecifiers(word).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function escapeSpecifiers(text: string): string {
  return text.replaceAll('%', '%%')
}
