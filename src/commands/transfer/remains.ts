import {resumeDataKey} from '../../control/resume-data-key.ts'
import {TransferError, readResumeData} from '../../engine/index.ts'
import type {ReadResumeData} from '../../engine/index.ts'
import {findResumeData} from './find-resume-data.ts'
import {placesOfUser} from './places-of-user.ts'

/** What an interrupted transfer has left, by a word of resume. */
export interface Remains {
  readonly operand: string
  /** Undefined where there is none that can be read: why not is told where it is resumed. */
  readonly read: ReadResumeData | undefined
}

/** Looks at what each word stands for. Changes nothing. */
export async function readRemains(operands: readonly string[]): Promise<readonly Remains[]> {
  const {state} = placesOfUser()
  const key = resumeDataKey(state, () => {})
  const remains: Remains[] = []
  for (const operand of operands) {
    remains.push({
      operand,
      read: await findResumeData(operand)
        .then(path => readResumeData(path, key()))
        .catch(unread)
    })
  }
  return remains
}

function unread(error: unknown): undefined {
  if (!(error instanceof TransferError)) throw error
}

export function isUpload({read}: Remains): boolean {
  return read?.data.kind === 'upload'
}
