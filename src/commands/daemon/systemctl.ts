import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {TransferError} from '../../engine/index.ts'

const patience = 30_000

/** Is there a systemd of this user that takes orders? */
export async function hasUserSystemd(): Promise<boolean> {
  return systemctl('show-environment').then(
    () => true,
    () => false
  )
}

/** Gives an order to the systemd of this user. Throws DAEMON_UNREACHABLE with what it says. */
export async function systemctl(...words: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('systemctl', ['--user', '--no-pager', ...words], {timeout: patience})
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    const why = said || (cause instanceof Error ? cause.message : String(cause))
    throw new TransferError('DAEMON_UNREACHABLE', `systemctl --user ${words.join(' ')} failed: ${why}`, {
      cause,
      hint: 'The files are written: see systemctl --user status, and give the order again.'
    })
  }
}
