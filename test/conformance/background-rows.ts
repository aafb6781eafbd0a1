import {rowsOf} from './row.ts'
import type {ConformanceTable} from './row.ts'

export const backgroundRows: ConformanceTable = {
  title: 'Background sessions',
  about: 'What URLSession promises of sessions that outlive their program, as the daemon keeps it.',
  rows: rowsOf(
    'B',
    `
1 | An identifier is required, checked, and belongs to one user
2 | One owner at a time, by a lock that a kill leaves free; a second one is refused and hears who has it
3 | What was accepted is on disk
4 | Nothing of a transfer is printed by the command that handed it over; results come by attaching, a command, or files
5 | Only http and https, downloads and uploads of files; redirections are followed; what needs a listener is refused
6 | It waits for the network and tries again; only the time for the whole ends it
7 | No answer comes from a cache
8 | An upload's file is sent only as it was when it was handed over
9 | Events are numbered and kept; whoever attaches gets them in order, then live, then a mark
10 | The file goes to its own place by itself; nothing of a task is forgotten before it was acknowledged
11 | Acknowledging twice is once, a wrong token is refused, and what was not acknowledged comes again
12 | An identifier takes no tasks while it is invalidated, and can be used again afterwards
13 | Stopping the service leaves its tasks for the next one; stopping for good ends them, with resume data
14 | The command for completion runs once for a batch
15 | What may wait for its hours begins before its time is over
16 | A task keeps the configuration it was made with, and secrets go when it ends
`
  )
}
