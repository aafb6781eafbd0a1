// No literal: bundlers would want it to be here, and it is for some systems only.
const packageName: string = '@napi-rs/keyring'
const ownService = 'ferry credentials'
/** Milliseconds; a keychain may wait for somebody who is not there to unlock it. */
const patience = 30_000

/** Secrets of this user that the system keeps. All of it rejects where the keychain is locked or gone. */
export interface Keychain {
  get(account: string): Promise<string | undefined>
  set(account: string, secret: string): Promise<void>
  remove(account: string): Promise<void>
}

interface Entry {
  getPassword(signal: AbortSignal): Promise<string | null>
  setPassword(password: string, signal: AbortSignal): Promise<void>
  deletePassword(signal: AbortSignal): Promise<boolean>
}

interface Package {
  readonly AsyncEntry: new (service: string, account: string, options: object) => Entry
}

/**
 * The system's keychain, as far as it is for a service: ferry's own, unless another one is named. undefined where there is
 * none that outlives a restart.
 */
export async function openKeychain(service = ownService): Promise<Keychain | undefined> {
  try {
    const loaded: unknown = await import(packageName)
    if (!isPackage(loaded)) return undefined
    // The kernel's keyring, which the package would take instead, forgets everything with the machine's next start.
    const open = (account: string): Entry =>
      new loaded.AsyncEntry(service, account, {linux: {store: 'secret-service'}})
    const limit = (): AbortSignal => AbortSignal.timeout(patience)
    await open('is there a keychain?').getPassword(limit())
    return {
      get: async account => (await open(account).getPassword(limit())) ?? undefined,
      set: (account, secret) => open(account).setPassword(secret, limit()),
      remove: async account => void (await open(account).deletePassword(limit()))
    }
  } catch {
    return undefined
  }
}

function isPackage(loaded: unknown): loaded is Package {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'AsyncEntry' in loaded &&
    typeof loaded.AsyncEntry === 'function'
  )
}
