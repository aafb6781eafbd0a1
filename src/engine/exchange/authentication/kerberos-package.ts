import {TransferError} from '../../transfer-error.ts'
import {wish} from './sign-in-trouble.ts'
import type {Service} from './sign-in-trouble.ts'

/** What is used of the optional package `kerberos`: GSSAPI on Unix, SSPI on Windows. */
export interface KerberosPackage {
  readonly GSS_MECH_OID_SPNEGO: number
  initializeClient(service: string, options: SecurityContextOptions): Promise<SecurityContext>
}

export interface SecurityContextOptions {
  readonly mechOID: number
  readonly flags: number
  /** Whose ticket to use, where the user has several. */
  readonly principal?: string
  /** On Windows only. */
  readonly user?: string
  readonly password?: string
}

/** One side of a GSSAPI conversation; tokens are base64. */
export interface SecurityContext {
  readonly contextComplete: boolean
  step(token: string): Promise<string | null>
}

// No literal: bundlers and the compiler would want it to be here, and most installations do without.
const packageName: string = 'kerberos'

/** Loads the package from the installation of the user. Throws how to get it where it is absent. */
export async function loadKerberos(service: Service): Promise<KerberosPackage> {
  const loaded: unknown = await import(packageName).catch((cause: unknown) => {
    throw isAbsent(cause) ? absent(service, cause) : broken(service, cause)
  })
  const library = hasDefault(loaded) ? loaded.default : loaded
  if (!isKerberosPackage(library)) throw broken(service, undefined)
  return library
}

function hasDefault(loaded: unknown): loaded is {default: unknown} {
  return typeof loaded === 'object' && loaded !== null && 'default' in loaded
}

function isKerberosPackage(library: unknown): library is KerberosPackage {
  return (
    typeof library === 'object' &&
    library !== null &&
    'GSS_MECH_OID_SPNEGO' in library &&
    typeof library.GSS_MECH_OID_SPNEGO === 'number' &&
    'initializeClient' in library &&
    typeof library.initializeClient === 'function'
  )
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}

function absent(service: Service, cause: unknown): TransferError {
  const message = `${wish(service)}, and the optional package kerberos is not installed`
  const hint = 'Install it beside ferry: npm install --global kerberos'
  return new TransferError('HTTP_STATUS', message, {hint, cause})
}

function broken(service: Service, cause: unknown): TransferError {
  const reason = cause instanceof Error ? `: ${cause.message.split('\n', 1)[0]}` : ''
  const message = `${wish(service)}, and the optional package kerberos cannot be used${reason}`
  const hint =
    'Install the Kerberos libraries of the system, then the package again: npm install --global kerberos'
  return new TransferError('HTTP_STATUS', message, {hint, cause})
}
