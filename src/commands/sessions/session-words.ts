import {speechOf} from '../../cli/output-options.ts'
import type {SpeechFlags} from '../../cli/output-options.ts'
import {usageError} from '../../cli/usage-error.ts'
import type {ProfilePlace} from '../../profiles/profile-file.ts'
import {printable} from '../../ui/printable.ts'
import {configurationFolder} from '../transfer/configuration-folder.ts'

/** The one name that a command takes. Throws USAGE. */
export function oneName(operands: readonly string[], command: string): string {
  const [name, ...more] = operands
  if (name === undefined) throw usageError(`Name the session: ferry sessions ${command} NAME`)
  if (more.length > 0) throw usageError(`sessions ${command} takes one name`)
  return name
}

/** Where this user's sessions are. */
export function profilePlace(speech: SpeechFlags): ProfilePlace {
  return {folder: configurationFolder(), warn: sentence => tell(speech, `warning: ${sentence}`)}
}

/** Says something to the person, unless they want silence. */
export function tell(speech: SpeechFlags, sentence: string): void {
  if (speechOf(speech) === 'all') process.stderr.write(`${printable(sentence)}\n`)
}
