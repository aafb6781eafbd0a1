import type {SessionDelegate, Task} from '../../../engine/index.ts'
import type {JournalEvent} from '../background-task.ts'
import type {RunningTask} from './running-task.ts'

/** Turns what a session's delegate is told into events, worded as `--events` words them. */
export type EventWords = (sink: (event: JournalEvent) => void) => SessionDelegate

/** Who hears what the tasks of one session do. */
export interface BackgroundListener {
  running(id: string): RunningTask | undefined
  /** For the journal. */
  tell(event: JournalEvent): void
  /** For those who are there. */
  live(event: JournalEvent): void
  /** The engine's task has ended; its last events wait with it. */
  ended(task: RunningTask, engineTask: Task): void
}

// Told when it is certain that the task has ended, and together with that: a crash in between tells nothing twice.
const lastEvents: ReadonlySet<string> = new Set(['task.finished', 'task.metrics', 'task.completed'])

/** The delegate of the daemon's sessions: nothing is decided here (B5), everything is told (B9). */
export function backgroundDelegate(eventsOf: EventWords, listener: BackgroundListener): SessionDelegate {
  const events = eventsOf(event => route(event, listener))
  return {
    ...events,
    // Told when it was submitted.
    didCreateTask: () => {},
    didStartTask: task => events.didStartTask?.(task, listener.running(task.id)?.attempt ?? 1),
    // Nobody is there to read the answer to an upload.
    didReceiveData: () => {},
    didCompleteWithError: (task, error) => {
      const running = listener.running(task.id)
      if (!running) return
      events.didCompleteWithError?.(task, error)
      listener.ended(running, task)
    },
    // The session of the journal lives on without the engine's.
    didBecomeInvalidWithError: () => {}
  }
}

function route(event: JournalEvent, listener: BackgroundListener): void {
  if (event.event === 'task.progress') return listener.live(event)
  const running = event.task === null ? undefined : listener.running(event.task)
  if (running && lastEvents.has(event.event)) running.lastEvents.push(event)
  else listener.tell(event)
}
