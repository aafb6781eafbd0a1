import {startDraftServer} from '../resumable-upload/draft-server.ts'
import type {DraftServer} from '../resumable-upload/draft-server.ts'
import {startTusPlace} from './tus-place.ts'
import type {Stored, UploadPlace} from './upload-lane.ts'

export interface UploadPlaces {
  readonly places: readonly UploadPlace[]
  /** Rejects when a client has broken a rule of its protocol. */
  close(): Promise<void>
}

/** One server for each way in which an upload can be continued. */
export async function startUploadPlaces(): Promise<UploadPlaces> {
  const versions = [8, 6] as const
  const drafts = await Promise.all(
    versions.map(interopVersion => startDraftServer({interopVersion, progressEvery: 64 * 1024}))
  )
  const tus = await startTusPlace()
  return {
    places: [...drafts.map((server, index) => draftPlace(server, versions[index] ?? 8)), tus.place],
    close: async () => {
      await tus.close()
      // Whoever was killed before it could read the answer may ask.
      const violations = drafts.flatMap(server => server.takeViolations())
      for (const server of drafts) await server.close()
      const serious = violations.filter(violation => !/^HEAD after .* was completed$/.test(violation))
      if (serious.length > 0) throw new Error(`A client has broken rules: ${serious.join('; ')}`)
    }
  }
}

function draftPlace(server: DraftServer, version: number): UploadPlace {
  return {
    name: `draft, interop version ${version}`,
    words: ['--interop-version', String(version)],
    url: server.url('/F'),
    take: () =>
      server.resources.splice(0).map((resource): Stored => ({
        content: resource.content,
        isComplete: resource.isComplete,
        stretches: resource.stored
      })),
    isReceiving: () => server.resources.some(({underway}) => underway.length > 0)
  }
}
