import {UploadTask} from '../../engine/index.ts'
import type {SessionDelegate, Task, URLResponse} from '../../engine/index.ts'

interface Heard {
  /** How each address was asked the last time. */
  readonly methods: Map<string, string>
  /** From the first hop to the newest one: redirections, challenges, the answer. */
  hops: readonly URLResponse[]
}

// What ferry asks for itself: what the server can, and what it has; and what it says when it gives up.
const questions: ReadonlySet<string> = new Set(['OPTIONS', 'HEAD', 'DELETE'])

/** Shows of an upload only the heads of its own answer, whatever else it takes to get there. */
export function ownAnswers(heads: SessionDelegate): SessionDelegate {
  const uploads = new Map<Task, Heard>()
  const heardBy = (task: UploadTask): Heard => {
    const heard = uploads.get(task) ?? {methods: new Map<string, string>(), hops: []}
    uploads.set(task, heard)
    return heard
  }
  const show = (task: Task): void => {
    const {hops = []} = uploads.get(task) ?? {}
    // Anything else was a step on the way.
    if (hops.at(-1) === task.response) for (const head of hops) heads.didReceiveHead?.(task, head)
    uploads.delete(task)
  }
  return {
    didSendHead: (task, {url, method}) => {
      if (task instanceof UploadTask) heardBy(task).methods.set(url.href, method)
    },
    didReceiveHead: (task, response) => {
      if (!(task instanceof UploadTask)) return heads.didReceiveHead?.(task, response)
      const heard = heardBy(task)
      const method = heard.methods.get(response.url.href) ?? ''
      if (questions.has(method) && method !== task.originalRequest.method) return undefined
      heard.hops = isHop(heard.hops.at(-1)) ? [...heard.hops, response] : [response]
      return undefined
    },
    didReceiveResponse: task => {
      show(task)
      return 'allow'
    },
    didCompleteWithError: show
  }
}

// Another request follows, as a rule (RFC 9110, 15.4, 15.5.2, 15.5.8, 15.5.18).
function isHop(response: URLResponse | undefined): boolean {
  const {status = 0} = response ?? {}
  return (status >= 300 && status < 400) || [401, 407, 417].includes(status)
}
