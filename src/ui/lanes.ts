import type {Paint} from './paint.ts'
import type {DrawingArea} from './drawing-area.ts'

/** Rows of a listr2 list that show one transfer after another. */
export interface Lanes {
  /** One text for each row, from the top; rows without a text disappear. */
  show(rows: readonly string[]): void
  close(): void
}

interface Lane {
  title: string
}

export interface LaneOptions {
  readonly area: DrawingArea
  readonly paint: Paint
  readonly count: number
}

/**
 * Opens a listr2 list of a fixed number of lanes: one listr2 task for each of thousands of transfers would cost more than
 * the transfers. The renderer is our own because listr2's chooses by standard output, takes over the streams' write
 * functions and, on a signal, ends the process.
 */
export async function openLanes({area, paint, count}: LaneOptions): Promise<Lanes> {
  const {DefaultRenderer, Listr} = await import('listr2')
  const renderers: InstanceType<typeof DefaultRenderer>[] = []
  class AreaRenderer extends DefaultRenderer {
    static override nonTTY = true

    override render(): Promise<void> {
      renderers.push(this)
      return Promise.resolve()
    }

    override update(): void {
      area.draw(this.create().split('\n'))
    }

    override end(): void {
      area.draw([])
    }

    protected override format(message: string): string[] {
      return message === '' ? [] : [`${paint('accent', '›')} ${message}`]
    }
  }
  const {lanes, list, close} = openList(count)
  void new Listr(list, {concurrent: true, registerSignalListeners: false, renderer: AreaRenderer}).run()
  return {
    show: rows => {
      lanes.forEach((lane, index) => {
        lane.title = rows[index] ?? ''
      })
      renderers.forEach(renderer => renderer.update())
    },
    close
  }
}

// listr2 gives each of its tasks its row when it begins, and they all begin at once and end together.
function openList(count: number) {
  const {promise: closed, resolve: close} = Promise.withResolvers<void>()
  const lanes: Lane[] = []
  const list = Array.from({length: count}, () => ({
    title: '',
    task: (_context: unknown, lane: Lane) => {
      lanes.push(lane)
      return closed
    }
  }))
  return {lanes, list, close}
}
