import {receiveData} from './data.ts'
import {Task} from './task.ts'
import type {TaskOptions, TaskOutcome} from './task.ts'
import type {Session} from './session.ts'
import type {URLRequest} from './url-request.ts'

export interface DataOptions extends TaskOptions {
  /** Decode Content-Encoding (and ask for it). Default: false, the bytes as they are. */
  readonly decode?: boolean
  readonly requireLength?: boolean
}

/** Hands a representation to the delegate piece by piece (URLSessionDataTask). Never resumable. */
export class DataTask extends Task {
  readonly kind = 'data'
  override readonly options: DataOptions

  constructor(session: Session, origin: {id: string; request: URLRequest; options: DataOptions}) {
    super(session, origin)
    this.options = origin.options
  }

  perform(): Promise<TaskOutcome> {
    return receiveData(this)
  }
}
