import type {StandardOutput} from '../../cli/standard-output.ts'
import type {ProgressDisplay} from '../../ui/progress.ts'

/**
 * Standard output on the screen where a display draws: whole lines stay above what is drawn, and a line without its
 * end waits for it, or for the display to be over.
 */
export function aboveDrawing(
  stdout: StandardOutput,
  display: Pick<ProgressDisplay, 'aside'>
): StandardOutput {
  let unfinished = ''
  const decoder = new TextDecoder()
  return {
    isTerminal: stdout.isTerminal,
    write: chunk => {
      const text = unfinished + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, {stream: true}))
      const end = text.lastIndexOf('\n') + 1
      unfinished = text.slice(end)
      if (end > 0) display.aside(() => void stdout.write(text.slice(0, end)))
      return undefined
    },
    flushed: async () => {
      if (unfinished !== '') await stdout.write(unfinished)
      unfinished = ''
      await stdout.flushed()
    }
  }
}
