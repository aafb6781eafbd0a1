import type {Credential, ProtectionSpace} from '../authentication-challenge.ts'
import {addressOfSpace, isSameSpace} from '../protection-space.ts'
import type {SessionConfiguration} from '../session-configuration.ts'
import {TransferError} from '../transfer-error.ts'
import type {Keychain} from './keychain.ts'
import type {CredentialVault} from './credential-vault.ts'

export interface CredentialOptions {
  readonly configuration: SessionConfiguration
  /** The session's name: what one session keeps, no other finds. */
  readonly name: string
  /** Absolute path of the folder of the stores; absent: everything stays in memory. */
  readonly folder: string | undefined
  readonly report: (error: TransferError) => void
  /** Default: the system's. */
  readonly keychain?: () => Promise<Keychain | undefined>
}

interface Kept {
  readonly space: ProtectionSpace
  readonly credential: Credential
}

/**
 * Credentials that worked, by protection space (NSURLCredentialStorage): in memory, and where the session's
 * credentials.persistence is permanent also on disk. What cannot be kept or read is reported and costs no transfer.
 */
export class Credentials {
  readonly #options: CredentialOptions
  #kept: readonly Kept[] = []
  #vault: Promise<CredentialVault> | undefined

  constructor(options: CredentialOptions) {
    this.#options = options
  }

  /** The credential for a space, or undefined. Other hosts, ports, schemes and realms never see it. */
  async credentialFor(space: ProtectionSpace): Promise<Credential | undefined> {
    const known = this.#kept.find(kept => isSameSpace(kept.space, space))
    if (known || this.#persistenceOf(space) !== 'permanent') return known?.credential
    return this.#using(vault => vault.get(space))
  }

  /** Keeps a credential as the session's persistence says. */
  async keep(space: ProtectionSpace, credential: Credential): Promise<void> {
    const persistence = this.#persistenceOf(space)
    if (persistence === 'none') return
    this.#kept = [...this.#kept.filter(kept => !isSameSpace(kept.space, space)), {space, credential}]
    const isSecret = credential.kind === 'password' || credential.kind === 'bearer'
    if (persistence === 'permanent' && isSecret) await this.#using(vault => vault.put(space, credential))
  }

  /** Forgets the credential of a space: it did not work. */
  async remove(space: ProtectionSpace): Promise<void> {
    this.#kept = this.#kept.filter(kept => !isSameSpace(kept.space, space))
    if (this.#persistenceOf(space) === 'permanent') await this.#using(vault => vault.remove(space))
  }

  /** Where there is a credential, without the credential. */
  async spaces(): Promise<readonly ProtectionSpace[]> {
    const here = this.#kept.map(({space}) => space)
    const stored = (await this.#using(vault => vault.spaces())) ?? []
    return [...here, ...stored.filter(each => !here.some(space => isSameSpace(space, each)))]
  }

  /** Forgets everything, in memory and on disk. */
  async reset(): Promise<void> {
    this.#kept = []
    await this.#using(vault => vault.reset())
  }

  async flush(): Promise<void> {
    if (this.#vault) await this.#using(vault => vault.flush())
  }

  async close(): Promise<void> {
    const vault = await this.#vault
    vault?.close()
  }

  #persistenceOf(space: ProtectionSpace): 'none' | 'session' | 'permanent' {
    return this.#options.configuration.keysFor(addressOfSpace(space)).credentials.persistence
  }

  async #using<T>(use: (vault: CredentialVault) => Promise<T>): Promise<T | undefined> {
    const {folder, keychain, name, report} = this.#options
    if (folder === undefined) return undefined
    this.#vault ??= import('./credential-vault.ts').then(
      ({CredentialVault}) =>
        new CredentialVault({folder, session: name, report, ...(keychain ? {keychain} : {})})
    )
    try {
      return await use(await this.#vault)
    } catch (cause) {
      report(cause instanceof TransferError ? cause : unusable(cause))
      return undefined
    }
  }
}

function unusable(cause: unknown): TransferError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TransferError('READ_FAILED', `The store of credentials cannot be used: ${why}`, {cause})
}
