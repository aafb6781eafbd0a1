import type {DaemonOptions} from '../../control/background/daemon.ts'
import {openJournal} from '../../control/background/sqlite-journal.ts'
import type {Work} from '../../control/background/work.ts'
import type {Places} from '../../control/places.ts'
import {SessionRoll} from '../../control/session-roll.ts'

export interface WorkFacts {
  readonly places: Places
  readonly say: (sentence: string) => void
  /** Modes of a file that is downloaded. */
  readonly newFileMode: number
}

/** What the daemon does: its journal, and the work that is in it. */
export function openWork({say}: WorkFacts): Pick<DaemonOptions, 'openJournal' | 'makeWork'> {
  const work: Work = {
    roll: {find: () => undefined, list: () => []},
    sessions: new SessionRoll(),
    isIdle: true,
    begin: () => Promise.resolve(),
    submit: () => [],
    follow: () => () => {},
    isDrained: () => true,
    stop: () => Promise.resolve()
  }
  return {
    openJournal: folder => openJournal({folder, report: error => say(error.message)}),
    makeWork: () => work
  }
}
