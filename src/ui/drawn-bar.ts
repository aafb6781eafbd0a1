import type {DrawBar} from './progress-line.ts'

const full = '█'
const empty = '░'

/** cli-progress's bar, and of cli-progress only that: its own output saves and restores a cursor that notes would move. */
export async function drawnBar(): Promise<DrawBar> {
  const {Format} = (await import('cli-progress')).default
  return (ratio, size) =>
    Format.BarFormat(ratio, {
      barsize: size,
      barGlue: '',
      barCompleteString: full.repeat(size),
      barIncompleteString: empty.repeat(size)
    })
}
