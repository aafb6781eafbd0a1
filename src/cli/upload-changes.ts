import type {ConfigurationChanges, InteropVersion} from '../engine/index.ts'
import {durationOf} from './flag-values.ts'
import {present} from './present.ts'
import type {UploadFlags} from './transfer-flags.ts'

/** What the flags change of how the session uploads. Throws USAGE. */
export function uploadChanges(flags: UploadFlags): NonNullable<ConfigurationChanges['uploads']> {
  const {resumable, 'upload-mode': mode, 'interop-version': version, 'expect100-timeout': expect} = flags
  return present({
    // What AWS speaks is neither tus nor the draft.
    resumable: flags['aws-sigv4'] === undefined ? resumable : ('none' as const),
    mode,
    interopVersion: version === undefined ? undefined : (Number(version) as InteropVersion),
    expectTimeout: expect === undefined ? undefined : durationOf('--expect100-timeout', expect)
  })
}
