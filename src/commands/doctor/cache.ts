import {chooseUse, TransferError} from '../../engine/index.ts'
import type {ConfigurationKeys, StoredAnswer} from '../../engine/index.ts'
import {formatBytes} from '../../ui/units.ts'
import {finding, problem} from './finding.ts'
import type {Finding} from './finding.ts'

/** Whether what goes to standard output would come from the cache. */
export function inspectCache(
  answer: StoredAnswer | undefined,
  {cache}: ConfigurationKeys
): readonly Finding[] {
  const {policy, store} = cache
  if (!answer) {
    if (policy === 'cacheOnly') return [nothingStored()]
    return [
      finding('cache', 'ok', `no answer is stored for this address${store ? '' : ', and none will be'}`)
    ]
  }
  const {status, freshness, validators, size} = answer
  const proof =
    validators.length === 0 ? 'nothing to ask again by' : `asked again by ${validators.join(', ')}`
  const use = chooseUse(policy, {isFresh: freshness === 'fresh', isConfirmable: validators.length > 0})
  return [
    finding('cache', 'ok', `stored: status ${status}, ${formatBytes(size)}, ${freshness}, ${proof}`),
    finding('cache', 'ok', `with the policy ${policy} ${uses[use]}`)
  ]
}

const uses = {
  use: 'it is used, and nobody is asked',
  confirm: 'the server is asked whether it is still right',
  ask: 'it is not used: the server is asked for all of it'
} as const

function nothingStored(): Finding {
  const message = 'no answer is stored for this address, and the policy cacheOnly forbids to ask the server'
  const hint = 'Fetch it once with another value of the key cache.policy, such as protocol.'
  return problem('cache', new TransferError('REFUSED', message, {hint}))
}

/** The same for a file. */
export function inspectFileCache({cache}: ConfigurationKeys): readonly Finding[] {
  const fate = cache.policy === 'protocol' ? '' : `, whatever the policy (${cache.policy}) says`
  return [finding('cache', 'ok', `files never come from the cache${fate}`)]
}
