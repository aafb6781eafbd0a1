import type {Credential, ProtectionSpace} from '../authentication-challenge.ts'

/** Credentials that worked, by protection space (NSURLCredentialStorage). */
export class Credentials {
  /** The credential for a space, or undefined. Other hosts, ports, schemes and realms never see it. */
  async credentialFor(_space: ProtectionSpace): Promise<Credential | undefined> {
    return undefined
  }

  /** Keeps a credential as the session's persistence says. */
  async keep(_space: ProtectionSpace, _credential: Credential): Promise<void> {}

  /** Forgets the credential of a space: it did not work. */
  async remove(_space: ProtectionSpace): Promise<void> {}
}
