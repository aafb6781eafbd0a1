/** The commands; what stands below another one is written with a colon, as oclif has it. */
export const commandIds = [
  'get',
  'upload',
  'pause',
  'resume',
  'cancel',
  'tasks',
  'wait',
  'sessions',
  'sessions:create',
  'sessions:show',
  'sessions:set',
  'sessions:unset',
  'sessions:remove',
  'sessions:reset',
  'sessions:flush',
  'sessions:invalidate',
  'sessions:attach',
  'sessions:ack',
  'daemon',
  'daemon:status',
  'daemon:stop',
  'daemon:install',
  'daemon:uninstall',
  'daemon:run',
  'doctor'
] as const
export type CommandId = (typeof commandIds)[number]

const standingWords = new Set(['--help', '--version'])

/** What the first word of a command line asks for. */
export type FirstWord =
  | {readonly kind: 'command'; readonly id: CommandId; readonly argv: readonly string[]}
  | {readonly kind: 'help'; readonly argv: readonly string[]}
  | {readonly kind: 'unknown'; readonly word: string; readonly near: string | undefined}

/**
 * Reads the first word. Without a command, an address or a flag means get; any other word must be a command, so that a
 * misspelt one is not fetched as the name of a host.
 */
export function readFirstWord(argv: readonly string[]): FirstWord {
  const [first, ...rest] = argv
  if (first === undefined) return {kind: 'help', argv: ['--help']}
  if (first === 'help' || first === '-h') return {kind: 'help', argv: [...rest, '--help']}
  if (first === '-V') return {kind: 'help', argv: ['--version']}
  if (standingWords.has(first)) return {kind: 'help', argv}
  const below = commandIds.find(each => each === `${first}:${rest[0]}`)
  if (below !== undefined) return {kind: 'command', id: below, argv: rest.slice(1)}
  const id = commandIds.find(each => each === first)
  if (id !== undefined) return {kind: 'command', id, argv: rest}
  if (first.startsWith('-') || /[.:/]/.test(first) || first === 'localhost')
    return {kind: 'command', id: 'get', argv}
  return {kind: 'unknown', word: first, near: commandIds.find(each => isNear(each, first))}
}

// The same letters in another order, or one letter more, less or different.
function isNear(id: string, word: string): boolean {
  const sorted = (text: string): string => [...text].toSorted().join('')
  if (sorted(id) === sorted(word)) return true
  if (Math.abs(id.length - word.length) > 1) return false
  let same = 0
  while (same < id.length && id[same] === word[same]) same++
  return (
    [id.slice(same + 1), id.slice(same)].includes(word.slice(same + 1)) ||
    id.slice(same + 1) === word.slice(same)
  )
}
