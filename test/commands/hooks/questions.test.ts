import {describe, expect, it} from 'vitest'
import {
  cacheQuestion,
  challengeQuestion,
  redirectQuestion,
  responseQuestion
} from '../../../src/commands/transfer/hooks/questions.ts'
import type {Question} from '../../../src/commands/transfer/hooks/questions.ts'
import {readAnswer} from '../../../src/commands/transfer/hooks/read-answer.ts'
import type {AuthenticationMethod} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'

const answerSecret = canary('answer')

function meaning(question: Question<unknown>, line: string): unknown {
  const answer = readAnswer(line)
  return answer && question.read(answer)
}

const password = answerSecret
const credential = (fields: object): string => JSON.stringify({decision: 'useCredential', ...fields})
const use = (given: object): object => ({disposition: 'useCredential', credential: given})
const useFiles = (files: object): object => ({disposition: 'useCredential', files})
const named = {kind: 'password', user: 'ana', password}

describe('the answer of a hook', () => {
  it.each([
    ['{"decision":"follow"}', 'follow'],
    ['{"decision":"follow"}\n', 'follow'],
    ['{"decision":"follow"}\r\n', 'follow'],
    [' { "decision" : "deny" } ', 'deny'],
    ['{"url":"https://h/"}', {url: 'https://h/'}],
    ['{"decision":"follow","url":"https://h/"}', {url: 'https://h/'}]
  ])('to a redirection is understood: %j [R37]', (line, decision) => {
    expect(meaning(redirectQuestion, line)).toEqual(decision)
  })

  it.each([
    ['allow', 'allow'],
    ['cancel', 'cancel'],
    ['becomeDownload', 'becomeDownload']
  ])('to a response is understood: %s [R41]', (decision, meant) => {
    expect(meaning(responseQuestion, JSON.stringify({decision}))).toBe(meant)
  })

  it.each(['store', 'memory', 'deny'])(
    'to an answer that could be kept is understood: %s [R48]',
    decision => {
      expect(meaning(cacheQuestion, JSON.stringify({decision}))).toBe(decision)
    }
  )

  it.each<[AuthenticationMethod, string, object]>([
    ['Basic', credential({user: 'ana', password}), use(named)],
    ['Digest', credential({password, user: 'ana'}), use(named)],
    ['Bearer', credential({token: password}), use({kind: 'bearer', token: password})],
    ['Negotiate', credential({}), use({kind: 'ticket'})],
    ['NTLM', credential({}), use({kind: 'ticket'})],
    ['ServerTrust', credential({}), use({kind: 'trust'})],
    ['ClientCertificate', credential({cert: 'me.pem'}), useFiles({cert: 'me.pem'})],
    [
      'ClientCertificate',
      credential({passphrase: password, key: 'key.pem', cert: 'me.pem'}),
      useFiles({cert: 'me.pem', key: 'key.pem', passphrase: password})
    ],
    ['Basic', '{"decision":"performDefaultHandling"}', {disposition: 'performDefaultHandling'}],
    ['ClientCertificate', '{"decision":"rejectProtectionSpace"}', {disposition: 'rejectProtectionSpace'}],
    ['ServerTrust', '{"decision":"cancel"}', {disposition: 'cancel'}]
  ])('to a challenge for %s is understood: %s [R33]', (method, line, decision) => {
    expect(meaning(challengeQuestion(method), line)).toEqual(decision)
  })

  it.each([
    '',
    '\n',
    'follow',
    '"follow"',
    'null',
    '[{"decision":"follow"}]',
    '{"decision":"follow"}\n{"decision":"follow"}',
    '{"decision":"follow"}\n\n',
    '\n{"decision":"follow"}',
    '{"decision":"follow"} more',
    '{"decision":"Follow"}',
    '{"decision":["follow"]}',
    '{"decision":"allow"}',
    '{"decision":"deny","url":"https://h/"}',
    '{"decision":"follow","uri":"https://h/"}',
    '{"url":"/relative"}',
    '{"url":"//host/x"}',
    '{"url":7}',
    '{}'
  ])('to a redirection is none where anything else is said: %j', line => {
    expect(meaning(redirectQuestion, line)).toBeUndefined()
  })

  it.each<[AuthenticationMethod, string]>([
    ['Basic', credential({user: 'ana'})],
    ['Basic', credential({password})],
    ['Basic', credential({token: password})],
    ['Basic', credential({})],
    ['Basic', credential({user: 'ana', password: 7})],
    ['Basic', credential({user: 'ana', password, realm: 'r'})],
    ['Bearer', credential({user: 'ana', password})],
    ['ServerTrust', credential({user: 'ana', password})],
    ['Negotiate', credential({token: password})],
    ['ClientCertificate', credential({})],
    ['ClientCertificate', credential({key: 'key.pem'})],
    ['ClientCertificate', credential({cert: 7})],
    ['ClientCertificate', credential({cert: 'me.pem', key: 7})],
    ['ClientCertificate', credential({cert: 'me.pem', password})],
    ['Basic', '{"decision":"allow"}']
  ])('to a challenge for %s is none where the credential does not fit: %s', (method, line) => {
    expect(meaning(challengeQuestion(method), line)).toBeUndefined()
  })

  it.each([
    redirectQuestion,
    responseQuestion,
    cacheQuestion,
    challengeQuestion('Basic'),
    challengeQuestion('ServerTrust'),
    challengeQuestion('ClientCertificate')
  ])('that a question says it expects is understood: $expected', question => {
    const examples = question.expected.split(/, (?={)| or /)
    expect(examples.length).toBeGreaterThan(2)
    for (const example of examples) expect(meaning(question, example), example).toBeDefined()
  })
})
