import {TransferError} from '../engine/index.ts'
import type {Checksum, SessionConfiguration} from '../engine/index.ts'
import {findChecksum} from './checksum-argument.ts'
import {fetchText} from './fetch-text.ts'
import type {GetPlan, PlannedTransfer} from './plan-get.ts'
import {usageError} from './usage-error.ts'

/** The plan's transfers with the digests they must have; checksum files are fetched first. */
export async function resolveChecksums(
  plan: GetPlan,
  configuration: SessionConfiguration
): Promise<readonly PlannedTransfer[]> {
  const {transfers, checksums} = plan
  if (checksums.length === 0) return transfers
  if (transfers.some(({kind}) => kind !== 'download')) {
    throw usageError('A checksum needs a file to hold back: it does not go with -o - or -I')
  }
  const digests: Checksum[] = []
  const lists: {url: string; text: string}[] = []
  for (const argument of checksums) {
    if (argument.kind === 'digest') digests.push(argument.checksum)
    else lists.push({url: argument.url, text: await fetchText(configuration, argument.url)})
  }
  if (transfers.length > 1 && digests.length > 0) {
    throw usageError(
      'A digest is for one URL at a time; for several use --checksum with the URL of a checksum file'
    )
  }
  return transfers.map(transfer => {
    if (transfer.kind !== 'download') return transfer
    const found = lists.map(list => listed(list, transfer.listedAs))
    return {...transfer, options: {...transfer.options, checksums: [...digests, ...found]}}
  })
}

function listed({url, text}: {url: string; text: string}, names: readonly string[]): Checksum {
  for (const name of names) {
    const checksum = findChecksum(text, name)
    if (checksum) return checksum
  }
  throw new TransferError(
    'CHECKSUM_MISMATCH',
    `The checksum file has no line for ${JSON.stringify(names[0] ?? '')}`,
    {
      url,
      hint: 'Check that the checksum file belongs to this download, or give the digest itself.'
    }
  )
}
