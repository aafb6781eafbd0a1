import type {
  CacheDecision,
  CacheProposal,
  ChallengeDecision,
  DataTask,
  NewBodyReason,
  Redirection,
  ResponseDisposition,
  SessionDelegate,
  Task,
  UploadTask,
  URLRequest,
  URLResponse
} from '../engine/index.ts'

/**
 * One delegate out of several. Notices reach all of them in the order given. Decisions go to the first with an opinion:
 * a redirection that is changed or denied, a response that is not simply allowed, a challenge that is not left to the
 * default handling, an answer that is not simply stored, a stream that there is.
 */
export function combineDelegates(...delegates: readonly SessionDelegate[]): SessionDelegate {
  const tell = (notice: (delegate: SessionDelegate) => void): void => delegates.forEach(notice)
  return {
    ...byteNotices(delegates),
    ...decisions(delegates),
    didCreateTask: task => tell(each => each.didCreateTask?.(task)),
    didStartTask: (task, attempt) => tell(each => each.didStartTask?.(task, attempt)),
    taskIsWaiting: (task, waiting) => tell(each => each.taskIsWaiting?.(task, waiting)),
    taskWillReconnect: (task, waiting) => tell(each => each.taskWillReconnect?.(task, waiting)),
    didDecideRedirection: (task, decided) => tell(each => each.didDecideRedirection?.(task, decided)),
    didDecideChallenge: (task, decided) => tell(each => each.didDecideChallenge?.(task, decided)),
    didDecideCaching: (task, decided) => tell(each => each.didDecideCaching?.(task, decided)),
    didBecomeDownload: (task, download) => tell(each => each.didBecomeDownload?.(task, download)),
    didNeedNewBody: (task, reason) => tell(each => each.didNeedNewBody?.(task, reason)),
    didResumeAtOffset: (task, resumption) => tell(each => each.didResumeAtOffset?.(task, resumption)),
    didFinishDownloading: (task, path) => tell(each => each.didFinishDownloading?.(task, path)),
    didFinishCollectingMetrics: (task, metrics) =>
      tell(each => each.didFinishCollectingMetrics?.(task, metrics)),
    didCompleteWithError: (task, error) => tell(each => each.didCompleteWithError?.(task, error)),
    didBecomeInvalidWithError: (session, error) =>
      tell(each => each.didBecomeInvalidWithError?.(session, error)),
    didSendHead: (task, request) => tell(each => each.didSendHead?.(task, request)),
    didReceiveHead: (task, response) => tell(each => each.didReceiveHead?.(task, response))
  }
}

/** Absent when nobody listens, so that the engine need not speak: these come with the bytes. */
function byteNotices(delegates: readonly SessionDelegate[]): SessionDelegate {
  const writes = delegates.filter(each => each.didWriteData)
  const reads = delegates.filter(each => each.didReceiveData)
  const sends = delegates.filter(each => each.didSendBodyData)
  return {
    ...(sends.length > 0 && {
      didSendBodyData: (task, progress) => sends.forEach(each => each.didSendBodyData?.(task, progress))
    }),
    ...(writes.length > 0 && {
      didWriteData: (task, progress) => writes.forEach(each => each.didWriteData?.(task, progress))
    }),
    ...(reads.length > 0 && {
      didReceiveData: (task, data) => settled(reads.map(each => each.didReceiveData?.(task, data)))
    })
  }
}

/** Absent when nobody has an opinion: waiting for a promise costs more than the rest of a small transfer. */
function decisions(delegates: readonly SessionDelegate[]): SessionDelegate {
  const redirecting = delegates.filter(each => each.willPerformRedirection)
  const judging = delegates.filter(each => each.didReceiveResponse)
  const caching = delegates.filter(each => each.willCacheResponse)
  const streaming = delegates.filter(each => each.needNewBodyStream)
  return {
    ...challengeDecisions(delegates),
    ...(streaming.length > 0 && {
      needNewBodyStream: (task, reason) => firstStream(streaming, task, reason)
    }),
    ...(caching.length > 0 && {
      willCacheResponse: (task, proposal) => cacheDecision(caching, task, proposal)
    }),
    ...(redirecting.length > 0 && {
      willPerformRedirection: (task, redirection) => nextRequest(redirecting, task, redirection)
    }),
    ...(judging.length > 0 && {
      didReceiveResponse: (task, response) => disposition(judging, task, response)
    })
  }
}

// Which of the two methods are there is what tells the engine where a challenge goes.
function challengeDecisions(delegates: readonly SessionDelegate[]): SessionDelegate {
  const ofSession = delegates.filter(each => each.didReceiveSessionChallenge)
  const ofTask = delegates.filter(each => each.didReceiveChallenge)
  return {
    ...(ofSession.length > 0 && {
      didReceiveSessionChallenge: (task, challenge) =>
        firstHandling(ofSession, each => each.didReceiveSessionChallenge?.(task, challenge))
    }),
    ...(ofTask.length > 0 && {
      didReceiveChallenge: (task, challenge) =>
        firstHandling(ofTask, each => each.didReceiveChallenge?.(task, challenge))
    })
  }
}

async function firstHandling(
  delegates: readonly SessionDelegate[],
  ask: (delegate: SessionDelegate) => Promise<ChallengeDecision> | ChallengeDecision | undefined
): Promise<ChallengeDecision> {
  for (const delegate of delegates) {
    const decision = await ask(delegate)
    if (decision && decision.disposition !== 'performDefaultHandling') return decision
  }
  return {disposition: 'performDefaultHandling'}
}

async function firstStream(
  delegates: readonly SessionDelegate[],
  task: UploadTask,
  reason: NewBodyReason
): Promise<AsyncIterable<Uint8Array> | undefined> {
  for (const delegate of delegates) {
    const stream = await delegate.needNewBodyStream?.(task, reason)
    if (stream) return stream
  }
  return undefined
}

async function cacheDecision(
  delegates: readonly SessionDelegate[],
  task: DataTask,
  proposal: CacheProposal
): Promise<CacheDecision> {
  for (const delegate of delegates) {
    const decision = await delegate.willCacheResponse?.(task, proposal)
    if (decision !== undefined && decision !== 'store') return decision
  }
  return 'store'
}

async function nextRequest(
  delegates: readonly SessionDelegate[],
  task: Task,
  redirection: Redirection
): Promise<URLRequest | undefined> {
  for (const delegate of delegates) {
    const request = await delegate.willPerformRedirection?.(task, redirection)
    if (request !== redirection.request) return request
  }
  return redirection.request
}

function disposition(
  delegates: readonly SessionDelegate[],
  task: Task,
  response: URLResponse
): Promise<ResponseDisposition> | ResponseDisposition {
  // All are asked, whoever decides: for a display or an event log the question is the news.
  const answers = delegates.map(each => each.didReceiveResponse?.(task, response) ?? 'allow')
  const known = answers.filter(answer => typeof answer === 'string')
  return known.length === answers.length ? firstObjection(known) : Promise.all(answers).then(firstObjection)
}

function firstObjection(answers: readonly ResponseDisposition[]): ResponseDisposition {
  return answers.find(answer => answer !== 'allow') ?? 'allow'
}

/** No promise where nobody made one: this is the path of every byte. */
function settled(answers: readonly (Promise<void> | void)[]): Promise<void> | void {
  const promises = answers.filter(answer => answer instanceof Promise)
  if (promises.length > 0) return Promise.all(promises).then(() => undefined)
}
