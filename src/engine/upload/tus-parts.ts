import {longestList} from '../resume-data-limits.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadPart} from '../upload-resume-data.ts'
import type {UploadTask} from '../upload-task.ts'
import {passOver} from './tus-request.ts'
import type {ResourceStep, TusResource} from './tus-resource.ts'

type Stretch = Pick<UploadPart, 'first' | 'length'>

// Below this, asking for another resource takes longer than it saves.
const shortestPart = 1024 * 1024
const mostFruitless = 3

/** Cuts a file into as many stretches of nearly the same length as there are connections for, and resume data has room for. */
export function divide(size: number, connections: number): readonly Stretch[] {
  const count = Math.max(1, Math.min(connections, longestList, Math.floor(size / shortestPart)))
  const length = Math.ceil(size / count)
  return Array.from({length: count}, (_, index) => {
    const first = index * length
    return {first, length: Math.min(length, size - first)}
  })
}

/** What of the source has no resource yet, as far as it was cut already. */
export function missingStretch(parts: readonly UploadPart[], size: number): Stretch | undefined {
  const last = parts.at(-1)
  const end = last ? last.first + last.length : 0
  return end < size ? {first: end, length: size - end} : undefined
}

/**
 * Sends all of them at once, each on its own way. The first that fails, is refused or gone ends the others, and decides.
 * whole: all are.
 */
export async function sendSideBySide(
  task: UploadTask,
  resources: readonly TusResource[]
): Promise<ResourceStep> {
  const ends: ({step: ResourceStep} | {error: unknown})[] = []
  const end = (how: (typeof ends)[number]): void => {
    ends.push(how)
    for (const resource of resources) resource.halt()
  }
  await Promise.all(
    resources.map(async resource => {
      try {
        const step = await sendToItsEnd(task, resource)
        if (step.kind !== 'whole') end({step})
      } catch (error) {
        end({error})
      }
    })
  )
  const [first] = ends
  if (!first) return {kind: 'whole', answer: undefined}
  if ('error' in first) throw first.error
  return first.step
}

async function sendToItsEnd(task: UploadTask, resource: TusResource): Promise<ResourceStep> {
  // A server that takes back what it had brings nothing by saying it again.
  let best = resource.acknowledged ?? 0
  for (let fruitless = 0; fruitless < mostFruitless;) {
    const step = await resource.step()
    if (step.kind === 'whole' && step.answer) await passOver(task, step.answer)
    if (step.kind !== 'more') return step
    const {acknowledged = 0} = resource
    fruitless = acknowledged > best ? 0 : fruitless + 1
    best = Math.max(best, acknowledged)
  }
  throw new TransferError('SEND_FAILED', 'The server takes no further bytes')
}
