/** What goes wrong with one request. Without `after`, it goes wrong once the content has come whole. */
export interface Fault {
  /** Bytes of content; 0 = with the head, before any of it. */
  readonly after?: number
  /** fin and reset end the connection instead of answering; stall keeps it, and reads and says nothing more. */
  readonly connection?: 'fin' | 'reset' | 'stall'
  /** The answer instead of the right one. Without `connection` and `status`, the answer is the right one. */
  readonly status?: number
  /** Fields of that answer; they win over those that it would have. */
  readonly fields?: Readonly<Record<string, string>>
  readonly body?: string
  /** How many bytes of this content are stored at most, although more has come. */
  readonly stores?: number
  /** No 104 names the upload that this request creates. */
  readonly unannounced?: true
  /** The upload is forgotten before the request is looked at. */
  readonly forgets?: true
  /** An append is told that its offset is not the right one (409), whatever it is. */
  readonly conflicts?: true
  /** What HEAD says in the place of the true offset. */
  readonly claimedOffset?: number
  /** Milliseconds between the end of the content and the answer. */
  readonly lateBy?: number
}

/** What a request is to the server; plain: one that no draft has anything to say about. */
export type RequestKind = 'create' | 'append' | 'state' | 'cancel' | 'options' | 'plain'

/** Faults by kind of request, in the order of arrival; undefined, or past the end: none. */
export type Faults = {readonly [kind in RequestKind]?: readonly (Fault | undefined)[]}
