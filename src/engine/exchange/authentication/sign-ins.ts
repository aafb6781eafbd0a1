import type {AuthenticationMethod, Credential, ProtectionSpace} from '../../authentication-challenge.ts'
import {addressOfSpace, isSameSpace} from '../../protection-space.ts'
import type {DigestState} from './digest.ts'

/** A place where a credential was accepted, and what later requests there need. */
export interface SignIn {
  readonly space: ProtectionSpace
  readonly credential: Credential
  /** Of the request that was accepted. */
  readonly path: string
  readonly digest: DigestState | undefined
}

/** What travels without being asked for. Negotiate and NTLM need a token of their own every time. */
const immediate: ReadonlySet<AuthenticationMethod> = new Set(['Basic', 'Digest', 'Bearer'])

/** Where the tasks of one session have signed in: later requests there need not be asked again. */
export class SignIns {
  readonly #known: SignIn[] = []

  /** The newest one that holds for an address, with the credential given, where one is given. */
  find(url: URL, credential?: Credential): SignIn | undefined {
    return this.#known.find(
      signIn =>
        holdsFor(signIn, url) && (credential === undefined || isSameCredential(credential, signIn.credential))
    )
  }

  /** The Digest of a space under a credential, so that its nonce goes on being counted. */
  digestOf(space: ProtectionSpace, credential: Credential): DigestState | undefined {
    return this.#known.find(
      known => isSameSpace(known.space, space) && isSameCredential(known.credential, credential)
    )?.digest
  }

  keep(signIn: SignIn): void {
    if (!immediate.has(signIn.space.method)) return
    const known = this.#known.findIndex(each => isSameSpace(each.space, signIn.space))
    const [before] = known < 0 ? [] : this.#known.splice(known, 1)
    const path = before ? commonFolder(before.path, signIn.path) : folderOf(signIn.path)
    this.#known.unshift({...signIn, path})
  }

  /** This credential is not wanted any more at this origin. */
  forget({origin}: URL, credential: Credential): void {
    const kept = this.#known.filter(
      ({space, credential: known}) =>
        addressOfSpace(space).origin !== origin || !isSameCredential(known, credential)
    )
    this.#known.splice(0, Infinity, ...kept)
  }

  clear(): void {
    this.#known.length = 0
  }
}

/** Do two credentials say the same? */
export function isSameCredential(one: Credential, other: Credential): boolean {
  if (one.kind === 'password')
    return other.kind === 'password' && one.user === other.user && one.password === other.password
  if (one.kind === 'bearer') return other.kind === 'bearer' && one.token === other.token
  return one.kind === other.kind
}

// RFC 7617, 2.2: Basic is good for what lies at or below the folder of the address that asked; Digest for the whole origin
// (RFC 7616, 3.3).
function holdsFor({space, path}: SignIn, url: URL): boolean {
  if (space.isProxy || addressOfSpace(space).origin !== url.origin) return false
  return space.method === 'Digest' || url.pathname.startsWith(path)
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

function commonFolder(folder: string, path: string): string {
  return folderOf(path).startsWith(folder) ? folder : folderOf(path)
}
