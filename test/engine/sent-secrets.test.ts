import {expect, it} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import {canary} from '../canary/canary.ts'
import {recordedSession} from './recorded-session.ts'

it('a task hides what it says again and again however long it runs, and of what it says once the last', () => {
  const {session} = recordedSession()
  const task = session.dataTask(urlRequest('http://127.0.0.1:1/'))
  const password = canary('password')
  const signatures = Array.from({length: 5000}, () => canary('signature'))
  for (const signature of signatures) task.noteSecrets([password, signature])
  const recent = signatures.slice(-400)
  expect(task.withoutSecrets([password, ...recent].join())).toBe(Array(401).fill('***').join())
  expect(task.withoutSecrets(signatures[0] ?? '')).toBe(signatures[0])
})
