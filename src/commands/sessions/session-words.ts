import {speechOf} from '../../cli/output-options.ts'
import {usageError} from '../../cli/usage-error.ts'
import type {ProfilePlace} from '../../profiles/profile-file.ts'
import {printable} from '../../ui/printable.ts'
import {configurationFolder} from '../transfer/configuration-folder.ts'

/** The flags that say how much a command about sessions speaks. */
export interface SessionSpeech {
  readonly quiet?: true
  readonly silent?: true
  readonly 'show-error'?: true
}

/** The one name that a command takes. Throws USAGE. */
export function oneName(operands: readonly string[], command: string): string {
  const [name, ...more] = operands
  if (name === undefined) throw usageError(`Name the session: ferry sessions ${command} NAME`)
  if (more.length > 0) throw usageError(`sessions ${command} takes one name`)
  return name
}

/** Where this user's sessions are. */
export function profilePlace(speech: SessionSpeech): ProfilePlace {
  return {folder: configurationFolder(), warn: sentence => tell(speech, `warning: ${sentence}`)}
}

/** Says something to the person, unless they want silence. */
export function tell(speech: SessionSpeech, sentence: string): void {
  if (speechOf(speech) === 'all') process.stderr.write(`${printable(sentence)}\n`)
}
