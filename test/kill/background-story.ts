/** A line of `sessions attach`. */
export interface Line {
  readonly seq: number
  readonly event: string
  readonly task: string | null
  readonly state?: string
  readonly token?: string
}

/** What is live only, and has the number of the event before it. */
const unnumbered = ['task.progress', 'session.eventsFinished', 'session.invalidated']

/** What is wrong with the events of a session, told from its first on: every task begins once and ends once. */
export function storyFaults(lines: readonly Line[], ends: ReadonlyMap<string, string>): readonly string[] {
  const numbered = lines.filter(({event}) => !unnumbered.includes(event))
  const gap = numbered.findIndex(({seq}, index) => seq !== index)
  const faults = gap < 0 ? [] : [`event ${gap} has the number ${numbered[gap]?.seq}`]
  const ids = new Set(numbered.flatMap(({task}) => task ?? []))
  for (const id of new Set([...ids, ...ends.keys()])) {
    const told = numbered.filter(({task}) => task === id)
    const [first, last] = [told[0], told.at(-1)]
    const completions = told.filter(({event}) => event === 'task.completed').length
    const creations = told.filter(({event}) => event === 'task.created').length
    const count = `${id}: created ${creations} times, completed ${completions} times`
    if (completions !== 1 || creations !== 1) faults.push(count)
    else if (first?.event !== 'task.created') faults.push(`${id} begins with ${first?.event}`)
    else if (last?.event !== 'task.completed') faults.push(`${id} goes on after its end with ${last?.event}`)
    else if (last.state !== ends.get(id)) faults.push(`${id} is ${last.state} and not ${ends.get(id)}`)
  }
  return faults
}

/** What was told otherwise, or not again, after a daemon had died. */
export function retellingFaults(heard: readonly Line[], told: readonly Line[]): readonly string[] {
  const words = (line: Line | undefined): string => JSON.stringify(line)
  const again = new Map(
    told.filter(({event}) => !unnumbered.includes(event)).map(line => [line.seq, words(line)])
  )
  return heard
    .filter(({event}) => !unnumbered.includes(event))
    .filter(line => again.get(line.seq) !== words(line))
    .map(line => `event ${line.seq} was ${words(line)} and is ${again.get(line.seq)}`)
}
