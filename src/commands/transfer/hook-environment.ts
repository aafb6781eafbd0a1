// Where programs, words, clocks and screens are found. Other variables may be secrets, and are not handed on.
const kept = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TZ',
  'LANG',
  'LANGUAGE',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'DBUS_SESSION_BUS_ADDRESS',
  'FERRY_HOME'
]
const keptFamilies = /^(?:LC|XDG)_[A-Z_]+$/

/** What a command that runs after this one has ended sees of its environment (--on-complete in the background). */
export function hookEnvironment(
  environment: Readonly<Record<string, string | undefined>>
): Record<string, string> {
  const found = Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (kept.includes(entry[0]) || keptFamilies.test(entry[0]))
  )
  return Object.fromEntries(found)
}
