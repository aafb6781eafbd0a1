import {TransferError} from '../engine/index.ts'
import {present} from './present.ts'

/** Adds to what went wrong before anything was sent which request it kept from being made; words of no request stay. */
export function nameRequest(
  error: unknown,
  {url, method}: {readonly url: URL; readonly method: string}
): never {
  if (!(error instanceof TransferError) || error.code === 'USAGE') throw error
  const {code, message, hint} = error
  throw new TransferError(code, message, {...present({hint}), url: error.url ?? url, method, cause: error})
}
