import {resolve} from 'node:path'

// What it takes to find the folders, the keychain, the user's language and clock. Nothing here can be a secret; proxies,
// and whatever a hook is meant to see, come with each submission.
const kept = [
  'HOME',
  'XDG_CONFIG_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
  'XDG_RUNTIME_DIR',
  'TMPDIR',
  'PATH',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'LC_ALL',
  'LC_CTYPE',
  'LC_MESSAGES',
  'TZ',
  'DBUS_SESSION_BUS_ADDRESS'
]
const keptOnWindows = [
  'SystemRoot',
  'SystemDrive',
  'windir',
  'ComSpec',
  'PATHEXT',
  'USERPROFILE',
  'USERNAME',
  'APPDATA',
  'LOCALAPPDATA',
  'ProgramData',
  'TEMP',
  'TMP'
]

/** The environment of the daemon: of whoever starts it, what does not depend on who that is. */
export function daemonEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform
): Record<string, string> {
  const names = platform === 'win32' ? [...kept, ...keptOnWindows] : kept
  const found = names.map(name => [name, environment[name]] as const)
  const home = environment['FERRY_HOME']
  return Object.fromEntries([
    ...found.filter((pair): pair is [string, string] => pair[1] !== undefined),
    // The daemon is in another folder.
    ...(home ? [['FERRY_HOME', resolve(home)]] : [])
  ])
}
