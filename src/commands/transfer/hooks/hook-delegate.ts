import {readCertificateFiles} from '../../../cli/certificate-files.ts'
import type {CertificateFiles} from '../../../cli/certificate-files.ts'
import {parseAddress, TransferError} from '../../../engine/index.ts'
import type {
  AuthenticationChallenge,
  ChallengeDecision,
  SessionDelegate,
  Task
} from '../../../engine/index.ts'
import {cachingFacts, challengeFacts, redirectFacts, responseFacts} from '../../../ui/event-facts.ts'
import type {Facts} from '../../../ui/event-facts.ts'
import type {TaskRecord} from '../../../ui/task-record.ts'
import type {Hook, Hooks} from './hook.ts'
import {cacheQuestion, challengeQuestion, redirectQuestion, responseQuestion} from './questions.ts'
import type {Question} from './questions.ts'
import {readAnswer} from './read-answer.ts'
import type {HookRunner} from './run-hook.ts'

/** Decisions that are made by commands, as a delegate. A command that fails to answer fails the task. */
export function hookDelegate(hooks: Hooks, runner: HookRunner): SessionDelegate {
  return {...transferHooks(hooks, runner), ...challengeHooks(hooks, runner)}
}

function transferHooks({redirect, response, cache}: Hooks, runner: HookRunner): SessionDelegate {
  return {
    ...(redirect && {
      willPerformRedirection: async (task, redirection) => {
        const event = {name: 'task.redirect', facts: redirectFacts(task, redirection)}
        const answer = await decide(runner, {hook: redirect, question: redirectQuestion, task, event})
        if (answer === 'deny') return undefined
        if (answer === 'follow') return redirection.request
        return {...redirection.request, url: parseAddress(answer.url)}
      }
    }),
    ...(response && {
      didReceiveResponse: (task, received) => {
        // A camera sends many parts a second, and only the whole can become a file.
        if (received.part !== undefined) return 'allow'
        const event = {name: 'task.response', facts: responseFacts(task, received)}
        return decide(runner, {hook: response, question: responseQuestion, task, event})
      }
    }),
    ...(cache && {
      willCacheResponse: (task, proposal) => {
        const event = {name: 'cache.willStore', facts: cachingFacts(task, proposal)}
        return decide(runner, {hook: cache, question: cacheQuestion, task, event})
      }
    })
  }
}

function challengeHooks({sessionChallenge, challenge}: Hooks, runner: HookRunner): SessionDelegate {
  const answered = (hook: Hook) => async (task: Task, asked: AuthenticationChallenge) => {
    const answer = await decide(runner, {
      hook,
      question: challengeQuestion(asked.protectionSpace.method),
      task,
      event: {name: 'task.challenge', facts: challengeFacts(task, asked)}
    })
    return 'files' in answer ? withCertificate(hook, answer.files) : answer
  }
  return {
    ...(sessionChallenge && {didReceiveSessionChallenge: answered(sessionChallenge)}),
    ...(challenge && {didReceiveChallenge: answered(challenge)})
  }
}

async function withCertificate({name}: Hook, files: CertificateFiles): Promise<ChallengeDecision> {
  const names = {cert: `the "cert" of ${name}`, key: `the "key" of ${name}`}
  return {disposition: 'useCredential', credential: await readCertificateFiles(files, names)}
}

interface Asking<D> {
  readonly hook: Hook
  readonly question: Question<D>
  readonly task: Task
  readonly event: {readonly name: string; readonly facts: Facts}
}

async function decide<D>(runner: HookRunner, {hook, question, task, event}: Asking<D>): Promise<D> {
  const input = {v: 1, event: event.name, task: task.id, ...event.facts}
  const end = await runner.run({
    command: hook.command,
    input: `${JSON.stringify(input)}\n`,
    output: 'read',
    stop: task.stopSignal
  })
  const expected = `It has to print one line: ${question.expected}.`
  const refused = (what: string) => new TransferError('REFUSED', `${hook.name}: ${what}`, {hint: expected})
  switch (end.kind) {
    case 'late':
      throw lateHook(hook, runner)
    case 'stopped':
      throw new TransferError('CANCELLED', 'The task was stopped before its hook had decided')
    case 'notStarted':
      throw notStarted(hook, end.why)
    case 'tooLong':
      throw refused('the command printed more than 64 KiB')
    case 'ended': {
      if (end.failure !== undefined) throw refused(`the command decided nothing and ${end.failure}`)
      // What it printed is not repeated: it may hold a secret.
      const answer = readAnswer(end.output)
      if (!answer) throw refused('the command did not print one line with a JSON object')
      const decision = question.read(answer)
      if (decision === undefined) throw refused('the command printed no decision that is known here')
      return decision
    }
  }
}

function lateHook({name}: Hook, {patience}: HookRunner): TransferError {
  return new TransferError('TIMED_OUT', `${name}: the command gave no answer within ${patience / 1000} s`, {
    hint: 'A decision must not wait for a person; its command was ended.'
  })
}

function notStarted({name}: Hook, why: string): TransferError {
  return new TransferError('REFUSED', `${name}: the command cannot be run: ${why}`, {
    hint: 'Its first word is a program: a path, or a name that the PATH finds.'
  })
}

/** Tells a command how a transfer ended. It changes nothing any more; rejects where the command failed. */
export async function tellCompletion(runner: HookRunner, hook: Hook, record: TaskRecord): Promise<void> {
  const input = `${JSON.stringify(record)}\n`
  const end = await runner.run({command: hook.command, input, output: 'ignored'})
  if (end.kind === 'late') throw lateHook(hook, runner)
  if (end.kind === 'notStarted') throw notStarted(hook, end.why)
  const failure = end.kind === 'ended' ? end.failure : undefined
  if (failure !== undefined) throw new TransferError('REFUSED', `${hook.name}: the command ${failure}`)
}
