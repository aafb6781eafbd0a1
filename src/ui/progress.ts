import type {SessionDelegate} from '../engine/index.ts'
import {barDisplay} from './bar-display.ts'
import {finalLine} from './final-line.ts'
import type {ResumeHint} from './final-line.ts'
import {listDisplay} from './list-display.ts'
import type {Paint} from './paint.ts'
import {colourful, colourless} from './paint.ts'
import {plainDisplay} from './plain-display.ts'
import {TransferBoard} from './transfer-board.ts'

/** Where progress goes: standard error, or something shaped like it. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
  on?(event: 'resize', listener: () => void): unknown
  off?(event: 'resize', listener: () => void): unknown
}

/** Shows a person how transfers get on. It hears of transitions as a delegate and reads the counts on its own clock. */
export interface ProgressDisplay {
  readonly delegate: SessionDelegate
  /** Call before the first task starts. */
  start(): void
  /** Takes everything temporary off the screen. Nothing is printed afterwards. */
  stop(): void
  /** Prints a line without disturbing what is drawn. The line has to be printable. */
  note(line: string): void
  /** Lets something else write whole lines to the screen without disturbing what is drawn. */
  aside(write: () => void): void
}

/** What every display needs. */
export interface DisplayOptions {
  readonly stream: ProgressStream
  readonly paint: Paint
  /** How many tasks are expected; more may come. */
  readonly taskCount: number
  readonly resumeHint: ResumeHint
}

export interface DisplayChoice extends Omit<DisplayOptions, 'paint'> {
  readonly progress: 'auto' | 'bar' | 'plain' | 'none'
  readonly quiet: boolean
  readonly silent: boolean
  readonly environment: Readonly<Record<'NO_COLOR' | 'CI' | 'TERM', string | undefined>>
}

/**
 * The display for a run. A single task's failure is left to the error report; with several tasks each failure gets a line.
 * Drawing needs a terminal that can move its cursor, whatever was asked for.
 */
export function chooseDisplay(choice: DisplayChoice): ProgressDisplay {
  const {progress, quiet, silent, stream, environment} = choice
  if (quiet || silent) return noDisplay(() => {})
  const canDraw = stream.isTTY === true && environment.TERM !== 'dumb'
  const wantsPlain = progress === 'plain' || (progress === 'auto' && isSet(environment.CI))
  const options = {...choice, paint: canDraw && !isSet(environment.NO_COLOR) ? colourful : colourless}
  if (progress === 'none') return pausesDisplay(options)
  if (!canDraw || wantsPlain) return plainDisplay(options)
  return choice.taskCount > 1 ? listDisplay(options) : barDisplay(options)
}

/** No progress; but how to continue is not to be seen anywhere else. */
function pausesDisplay({stream, paint, resumeHint}: DisplayOptions): ProgressDisplay {
  const note = (line: string): void => void stream.write(`${line}\n`)
  const board = new TransferBoard({
    didEnd: (transfer, outcome) => {
      if (outcome.state === 'paused') note(finalLine(transfer, outcome, {paint, resumeHint}))
    }
  })
  return {...noDisplay(note), delegate: board.delegate}
}

function noDisplay(note: (line: string) => void): ProgressDisplay {
  return {delegate: {}, start: () => {}, stop: () => {}, note, aside: write => write()}
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0'
}
