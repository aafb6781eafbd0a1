import {sessionKind} from '../../cli/session-kind.ts'
import type {SessionFlags} from '../../cli/session-choice.ts'
import {assertNow} from '../../cli/start-time.ts'
import type {TimingFlags} from '../../cli/start-time.ts'
import {configurationFolder} from './configuration-folder.ts'

type BackgroundWords = typeof import('../../cli/background-words.ts')

/**
 * Where the transfers of a command take place, by the session that its flags name. Rejects with USAGE for flags that have no
 * meaning there, and with what `assertMayLeave` throws, which is asked for the background only; SESSION_UNKNOWN.
 */
export async function groundOf(
  flags: SessionFlags & TimingFlags,
  assertMayLeave: (words: BackgroundWords) => void
): Promise<'background' | 'foreground'> {
  const kind = await sessionKind(flags, configurationFolder())
  if (kind === 'background') {
    assertMayLeave(await import('../../cli/background-words.ts'))
    return 'background'
  }
  assertNow(flags)
  return 'foreground'
}
