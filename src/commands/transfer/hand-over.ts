import type {Answer, Asked} from '../../control/answer-request.ts'
import type {SessionDelegate, Task} from '../../engine/index.ts'
import type {TransferRun} from './run-transfers.ts'
import type {Speaker} from './speaker.ts'

/**
 * Lets the background service go on with tasks of this process, as this process is configured (`pause --to-background`).
 * What that takes is loaded when somebody asks for it.
 */
export class HandOver {
  readonly delegate: SessionDelegate = {
    didCreateTask: task => void this.#tasks.set(task.id, task),
    didCompleteWithError: task => void this.#tasks.delete(task.id)
  }
  readonly #run: TransferRun
  readonly #speaker: Speaker
  readonly #tasks = new Map<string, Task>()
  readonly #leaving: Set<Task>
  readonly #underWay = new Set<Promise<unknown>>()

  /** leaving: is told of the tasks whose end is not for this process to explain. */
  constructor(run: TransferRun, {speaker, leaving}: {speaker: Speaker; leaving: Set<Task>}) {
    this.#run = run
    this.#speaker = speaker
    this.#leaving = leaving
  }

  /** Answers POST /tasks/ID/hand-over with the id of the task that goes on. */
  readonly verb = (asked: Asked): Promise<Answer> | undefined => {
    const [, id] = /^\/tasks\/([A-Za-z0-9_-]{1,64})\/hand-over$/.exec(asked.url) ?? []
    if (asked.method !== 'POST' || id === undefined) return undefined
    const answer: Promise<Answer> = this.#answer(id).finally(() => this.#underWay.delete(answer))
    this.#underWay.add(answer)
    return answer
  }

  /** Resolves when nothing is being handed over. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #answer(id: string): Promise<Answer> {
    const {answerHandOver} = await import('./answer-hand-over.ts')
    return answerHandOver(id, {
      task: this.#tasks.get(id),
      run: this.#run,
      speaker: this.#speaker,
      leaving: this.#leaving
    })
  }
}
