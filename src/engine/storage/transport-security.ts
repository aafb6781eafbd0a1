import type {URLResponse} from '../url-request.ts'

/** Hosts that are only spoken to over TLS because they said so (RFC 6797). */
export class TransportSecurity {
  /** The address to ask instead: https where its host wants that. */
  async upgrade(url: URL): Promise<URL> {
    return url
  }

  /** Takes what a host says over a trusted connection. */
  async note(_response: URLResponse): Promise<void> {}
}
