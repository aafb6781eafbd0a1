// A process that wants the lock of the file it is given: prints held or taken, and lives until it is killed or told to go.
import {takeOwnership} from '../../../src/control/background/daemon/ownership.ts'

const [, , path = ''] = process.argv
const ownership = await takeOwnership(path)
if (ownership === 'taken') process.stdout.write('taken\n')
else {
  process.stdout.write('held\n')
  process.stdin.once('end', () => ownership.release())
  process.stdin.resume()
}
