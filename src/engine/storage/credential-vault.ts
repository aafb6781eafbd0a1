import {join} from 'node:path'
import type {Credential, ProtectionSpace} from '../authentication-challenge.ts'
import {TransferError} from '../transfer-error.ts'
import {Database} from './database.ts'
import {openKeychain} from './keychain.ts'
import type {Keychain} from './keychain.ts'

const tables = `
  CREATE TABLE IF NOT EXISTS credentials (
    session TEXT NOT NULL,
    space TEXT NOT NULL,
    secret TEXT,
    PRIMARY KEY (session, space)
  ) STRICT, WITHOUT ROWID;`

export interface VaultOptions {
  /** Absolute path of the folder of the stores. */
  readonly folder: string
  /** The session's name: what one session keeps, no other finds. */
  readonly session: string
  readonly report: (error: TransferError) => void
  /** Default: the system's. */
  readonly keychain?: () => Promise<Keychain | undefined>
}

interface Row {
  readonly space: string
  /** null: in the keychain. */
  readonly secret: string | null
}

/**
 * Credentials that outlive the process. The secrets are in the system's keychain where there is one, else in a file for
 * this user alone; that file says in any case for which spaces there are some.
 */
export class CredentialVault {
  readonly #options: VaultOptions
  readonly #database: Database
  #keychain: Promise<Keychain | undefined> | undefined

  constructor(options: VaultOptions) {
    this.#options = options
    const {folder, report} = options
    this.#database = new Database({path: join(folder, 'credentials.sqlite'), tables, report})
  }

  async get(space: ProtectionSpace): Promise<Credential | undefined> {
    const row = await this.#row(nameOf(space))
    if (!row) return undefined
    const keychain = row.secret === null ? await this.#openKeychain() : undefined
    const secret = row.secret ?? (await keychain?.get(this.#account(row.space)))
    return secret === undefined ? undefined : readCredential(secret)
  }

  async put(space: ProtectionSpace, credential: Credential): Promise<void> {
    const name = nameOf(space)
    const secret = JSON.stringify(credential)
    const keychain = await this.#openKeychain()
    const isInKeychain = await keychain?.set(this.#account(name), secret).then(
      () => true,
      () => false
    )
    const row = await this.#row(name)
    const kept = isInKeychain ? null : secret
    if (row && row.secret === kept) return
    await this.#database.change(database =>
      database
        .prepare('INSERT OR REPLACE INTO credentials (session, space, secret) VALUES (?, ?, ?)')
        .run(this.#options.session, name, kept)
    )
    if (kept !== null) this.#tellOfFile()
  }

  async remove(space: ProtectionSpace): Promise<void> {
    const row = await this.#row(nameOf(space))
    if (row) await this.#removeRow(row)
  }

  /** Where there is a credential, without the credential. */
  async spaces(): Promise<readonly ProtectionSpace[]> {
    const rows = await this.#rows()
    return rows.map(({space}) => spaceOf(space)).filter(space => space !== undefined)
  }

  async reset(): Promise<void> {
    for (const row of await this.#rows()) await this.#removeRow(row)
  }

  async flush(): Promise<void> {
    await this.#database.flush()
  }

  close(): void {
    this.#database.close()
  }

  async #removeRow({space, secret}: Row): Promise<void> {
    const keychain = secret === null ? await this.#openKeychain() : undefined
    await keychain?.remove(this.#account(space))
    await this.#database.change(database =>
      database
        .prepare('DELETE FROM credentials WHERE session = ? AND space = ?')
        .run(this.#options.session, space)
    )
  }

  async #row(space: string): Promise<Row | undefined> {
    return (await this.#rows()).find(row => row.space === space)
  }

  async #rows(): Promise<readonly Row[]> {
    const found = await this.#database.look(database =>
      database.prepare('SELECT space, secret FROM credentials WHERE session = ?').all(this.#options.session)
    )
    return (found ?? []).map(({space, secret}) => ({
      space: String(space),
      secret: typeof secret === 'string' ? secret : null
    }))
  }

  #openKeychain(): Promise<Keychain | undefined> {
    return (this.#keychain ??= (this.#options.keychain ?? openKeychain)())
  }

  #account(space: string): string {
    return `${this.#options.session} ${space}`
  }

  #tellOfFile(): void {
    const path = join(this.#options.folder, 'credentials.sqlite')
    this.#options.report(
      new TransferError(
        'REFUSED',
        `No keychain of the system can be used: credentials are kept in the file ${path}, unencrypted`,
        {hint: 'Only your user can read it. credentials.persistence=session keeps nothing on disk.'}
      )
    )
  }
}

// All of a space, in a form that is the same for equal ones and for no others.
function nameOf({protocol, host, port, realm, method, isProxy}: ProtectionSpace): string {
  return JSON.stringify([protocol, host, port, realm ?? null, method, isProxy])
}

/** A space as the table names it. */
export function spaceOf(name: string): ProtectionSpace | undefined {
  const [protocol, host, port, realm, method, isProxy] = JSON.parse(name) as [
    ProtectionSpace['protocol'],
    string,
    number,
    string | null,
    ProtectionSpace['method'],
    boolean
  ]
  return {protocol, host, port, realm: realm ?? undefined, method, isProxy}
}

function readCredential(text: string): Credential | undefined {
  const read = JSON.parse(text) as Partial<Record<string, unknown>>
  const {kind, user, password, token} = read
  if (kind === 'password' && typeof user === 'string' && typeof password === 'string')
    return {kind, user, password}
  return kind === 'bearer' && typeof token === 'string' ? {kind, token} : undefined
}
