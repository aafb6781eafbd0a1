import type {FlagTable} from '../flag-table.ts'

/** The way round or through a proxy. */
export const proxyFlags = {
  proxy: {
    kind: 'value',
    char: 'x',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'PROXY',
    summary:
      'Ask this proxy: [http://|https://|socks5://]HOST:PORT, without a scheme an http proxy; "" asks nobody, whatever the session and the environment say.'
  },
  'proxy-user': {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'NAME:PASSWORD',
    summary:
      'Sign in at the proxy, with Basic or Digest as it wants. Safer than a literal: @FILE, env:NAME, or - to be asked.'
  },
  noproxy: {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'LIST',
    summary:
      'Ask these hosts directly: names with what lies below them, host:port, addresses and CIDR ranges, with commas between; * for all.'
  }
} as const satisfies FlagTable
