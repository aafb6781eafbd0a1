// No literal: bundlers and the compiler would want it to be here, and most installations do without.
const packageName: string = '@napi-rs/keyring'

interface Keyring {
  readonly Entry: new (service: string, account: string) => {getPassword(): string | null}
}

/** The password that the system's keychain has for service "ferry" and this account; rejects where there is none. */
export async function readKeychainEntry(account: string): Promise<string | undefined> {
  const loaded: unknown = await import(packageName)
  if (!isKeyring(loaded)) throw new Error(`${packageName} has no entries`)
  return new loaded.Entry('ferry', account).getPassword() ?? undefined
}

function isKeyring(loaded: unknown): loaded is Keyring {
  return (
    typeof loaded === 'object' && loaded !== null && 'Entry' in loaded && typeof loaded.Entry === 'function'
  )
}
