import {vi} from 'vitest'
import type {UploadProtocol} from '../../../src/engine/upload/upload-protocol.ts'
import {FakeProtocol} from './fake-protocol.ts'
import type {Turn} from './fake-protocol.ts'

const chosen: {protocol?: UploadProtocol; tus?: UploadProtocol} = {}

/** From now on uploads speak a protocol that does what the script says. */
export function speak(...script: readonly Turn[]): FakeProtocol {
  const protocol = new FakeProtocol(script)
  chosen.protocol = protocol
  return protocol
}

/** The same for uploads that turn to tus. */
export function speakTus(...script: readonly Turn[]): FakeProtocol {
  const protocol = new FakeProtocol(script, 'tus')
  chosen.tus = protocol
  return protocol
}

/** Stands for protocols.ts: what the tests choose is chosen. */
export const protocols = {
  chooseProtocol: () => Promise.resolve(chosen.protocol),
  protocolOf: () => Promise.resolve(chosen.protocol),
  turnToTus: () => Promise.resolve(chosen.tus),
  forgetProtocol: vi.fn<() => void>()
}
