import {afterEach, beforeAll, beforeEach, vi} from 'vitest'
import {chooseDisplay} from '../../src/ui/progress.ts'
import type {DisplayChoice} from '../../src/ui/progress.ts'
import {HandMovedTask, Script} from './task-double.ts'
import type {TerminalDouble} from './terminal-double.ts'

export const mebibyte = 2 ** 20

/** From here on a test moves the time of displays by itself, with pass(). */
export function moveTimeByHand(): void {
  beforeAll(async () => {
    // The displays load these when they first draw: loaded before, that takes turns of the loop and no time.
    await Promise.all([import('listr2'), import('cli-progress')])
  })
  beforeEach(() => {
    vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date']})
  })
  afterEach(() => {
    vi.useRealTimers()
  })
}

/** The display that fits a terminal, and a way to begin transfers that it shows. */
export function display(terminal: TerminalDouble, changes: Partial<DisplayChoice> = {}) {
  const environment = {NO_COLOR: '1', CI: undefined, TERM: 'xterm', ...changes.environment}
  const shown = chooseDisplay({
    progress: 'auto',
    quiet: false,
    silent: false,
    taskCount: 1,
    resumeHint: () => 'ferry resume 7',
    ...changes,
    environment,
    stream: terminal
  })
  shown.start()
  const begin = (name: string, expected?: number) =>
    new Script(shown.delegate, new HandMovedTask(name, `http://127.0.0.1/${name}`)).start(expected)
  return {...shown, begin}
}

/** Lets so much time go by, and what is due happen. */
export async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await vi.dynamicImportSettled()
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
}
