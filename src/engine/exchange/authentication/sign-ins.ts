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

// What is forgotten costs one more request.
const mostKnown = 100

/** Where the tasks of one session have signed in: later requests there need not be asked again. */
export class SignIns {
  #known: readonly SignIn[] = []

  /** The one that holds for an address and is nearest to it, with the credential given, where one is given. */
  find(url: URL, credential?: Credential): SignIn | undefined {
    if (this.#known.length === 0) return undefined
    const holding = this.#known.filter(
      signIn =>
        holdsFor(signIn, url) && (credential === undefined || isSameCredential(credential, signIn.credential))
    )
    return holding.toSorted((one, other) => other.path.length - one.path.length)[0]
  }

  /** The Digest of a space under a credential, so that its nonce goes on being counted. */
  digestOf(space: ProtectionSpace, credential: Credential): DigestState | undefined {
    return this.#known.find(
      known => isSameSpace(known.space, space) && isSameCredential(known.credential, credential)
    )?.digest
  }

  /** Remembers one for the folder of its path, and everything below. */
  keep(signIn: SignIn): void {
    if (!immediate.has(signIn.space.method)) return
    const folder = folderOf(signIn.path)
    const own = this.#known.filter(
      known => isSameSpace(known.space, signIn.space) && isSameCredential(known.credential, signIn.credential)
    )
    const path = own.find(known => folder.startsWith(known.path))?.path ?? folder
    const others = this.#known.filter(known => !own.includes(known) || !known.path.startsWith(path))
    this.#known = [{...signIn, path}, ...others].slice(0, mostKnown)
  }

  /** This credential is not wanted any more at this origin. */
  forget({origin}: URL, credential: Credential): void {
    this.#known = this.#known.filter(
      ({space, credential: known}) =>
        addressOfSpace(space).origin !== origin || !isSameCredential(known, credential)
    )
  }

  clear(): void {
    this.#known = []
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
