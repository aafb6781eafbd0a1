import type {UploadProtocol} from './upload-protocol.ts'

/** Asks the server to forget an upload, for so many milliseconds at most. Never rejects. */
export async function cancelWithin(
  time: number,
  {protocol, walk}: {protocol: UploadProtocol; walk: Parameters<UploadProtocol['cancel']>[0]}
): Promise<void> {
  const {promise: late, resolve} = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, time)
  await Promise.race([protocol.cancel(walk), late])
  clearTimeout(timer)
  for (const exchange of walk.task.exchanges) exchange.abort()
}
