import type {ServerResponse} from 'node:http'
import {listedTask} from './task-roll.ts'
import type {TaskRoll} from './task-roll.ts'

const interval = 500
const mostUnread = 1024 * 1024

/**
 * Clients that follow the tasks: a JSON line for each task under way at once, later one for each task that has changed,
 * its end included.
 */
export class TaskWatchers {
  readonly #roll: Pick<TaskRoll, 'list'>
  readonly #responses = new Set<ServerResponse>()
  /** What was told last of each task; of an ended one, that it has been told. */
  #told = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined

  constructor(roll: Pick<TaskRoll, 'list'>) {
    this.#roll = roll
  }

  add(response: ServerResponse): void {
    if (this.#responses.size === 0) this.#start()
    response.writeHead(200, {'content-type': 'application/x-ndjson', connection: 'close'})
    response.flushHeaders()
    response.once('close', () => this.#remove(response))
    response.write(this.#roll.list('active').map(lineOf).join(''))
    this.#responses.add(response)
  }

  /** Tells what is new and ends the streams. */
  close(): void {
    if (this.#responses.size > 0) this.#tell()
    for (const response of this.#responses) response.end()
  }

  // What has ended before anybody watched is no news.
  #start(): void {
    const ended = this.#roll.list('all').filter(rolled => rolled.ended)
    this.#told = new Map(ended.map(rolled => [rolled.task.id, 'ended']))
    this.#timer = setInterval(() => this.#tell(), interval).unref()
  }

  #tell(): void {
    const before = this.#told
    this.#told = new Map()
    let news = ''
    for (const rolled of this.#roll.list('all')) {
      const {id} = rolled.task
      const line = before.get(id) === 'ended' ? 'ended' : lineOf(rolled)
      if (line !== before.get(id)) news += line
      this.#told.set(id, rolled.ended ? 'ended' : line)
    }
    if (news === '') return
    for (const response of this.#responses) {
      // Who does not read is let go, rather than remembered for without end.
      if (response.writableLength > mostUnread) response.destroy()
      else response.write(news)
    }
  }

  #remove(response: ServerResponse): void {
    this.#responses.delete(response)
    if (this.#responses.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

function lineOf(rolled: Parameters<typeof listedTask>[0]): string {
  return `${JSON.stringify(listedTask(rolled))}\n`
}
