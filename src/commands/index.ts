import type {Command} from '@oclif/core'
import type {CommandDeclaration} from '../cli/command.ts'
import {oclifCommand} from '../cli/oclif-command.ts'
import {cancel} from './cancel.ts'
import {daemon} from './daemon.ts'
import {install as daemonInstall} from './daemon/install.ts'
import {run as daemonRun} from './daemon/run.ts'
import {status as daemonStatus} from './daemon/status.ts'
import {stop as daemonStop} from './daemon/stop.ts'
import {uninstall as daemonUninstall} from './daemon/uninstall.ts'
import {doctor} from './doctor.ts'
import {get} from './get.ts'
import {pause} from './pause.ts'
import {resume} from './resume.ts'
import {sessions} from './sessions.ts'
import {create} from './sessions/create.ts'
import {remove} from './sessions/remove.ts'
import {set} from './sessions/set.ts'
import {show} from './sessions/show.ts'
import {unset} from './sessions/unset.ts'
import {ack} from './sessions/ack.ts'
import {attach} from './sessions/attach.ts'
import {flush} from './sessions/flush.ts'
import {invalidate} from './sessions/invalidate.ts'
import {reset} from './sessions/reset.ts'
import {tasks} from './tasks.ts'
import {upload} from './upload.ts'
import {wait} from './wait.ts'

/** All commands, in the order in which the help lists them. */
export const declarations: readonly CommandDeclaration[] = [
  get,
  upload,
  pause,
  resume,
  cancel,
  tasks,
  wait,
  sessions,
  create,
  show,
  set,
  unset,
  remove,
  reset,
  flush,
  invalidate,
  attach,
  ack,
  daemon,
  daemonStatus,
  daemonStop,
  daemonInstall,
  daemonUninstall,
  daemonRun,
  doctor
]

/** What oclif loads: the classes by their ids. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = Object.fromEntries(
  declarations.map(declaration => [declaration.id, oclifCommand(declaration)])
)
