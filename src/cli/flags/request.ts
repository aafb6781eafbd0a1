import type {FlagTable} from '../flag-table.ts'

/** What resume may add to a request too: resume data holds no secrets, so they come again from here. */
export const headerFlags = {
  header: {
    kind: 'list',
    char: 'H',
    group: 'REQUEST',
    placeholder: 'LINE|@FILE',
    summary:
      'Send this header, e.g. "Accept: text/plain"; "Name:" leaves a header out, "Name;" sends it empty; @FILE reads lines from a file.'
  },
  'user-agent': {
    kind: 'value',
    char: 'A',
    group: 'REQUEST',
    placeholder: 'NAME',
    summary: 'Send this User-Agent; an empty one leaves the header out.'
  },
  referer: {
    kind: 'value',
    char: 'e',
    group: 'REQUEST',
    placeholder: 'URL',
    summary: 'Send this Referer.'
  },
  cookie: {
    kind: 'list',
    char: 'b',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'NAME=VALUE|FILE',
    summary:
      'Send this cookie to the host of the URL, or those of a cookie file to the hosts that it names. @FILE, env:NAME, or - to be asked for a cookie.'
  },
  'cookie-jar': {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'FILE',
    summary:
      "Keep cookies in this file (Netscape format) instead of the session's store: read first, written at the end."
  },
  user: {
    kind: 'value',
    char: 'u',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'NAME:PASSWORD',
    summary:
      'Sign in at the origin of the URL only: with Basic at once, with Digest where the server wants it. Without PASSWORD it is asked for. Safer than a literal: @FILE, env:NAME, or - to be asked.'
  },
  digest: {
    kind: 'switch',
    group: 'SIGN-IN AND TRUST',
    replaces: ['anyauth'],
    summary: 'Sign in with Digest only: the password is never sent.'
  },
  anyauth: {
    kind: 'switch',
    group: 'SIGN-IN AND TRUST',
    replaces: ['digest'],
    summary: 'Ask without signing in first, then use the strongest method that the server offers.'
  },
  netrc: {
    kind: 'switch',
    char: 'n',
    group: 'SIGN-IN AND TRUST',
    summary: 'Take name and password from the .netrc of your home folder, if it has the host.'
  },
  'netrc-optional': {
    kind: 'switch',
    group: 'SIGN-IN AND TRUST',
    standing: 'accepted',
    summary: 'The same as --netrc.'
  },
  'netrc-file': {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'FILE',
    summary: 'Take name and password from this file, in the format of .netrc.'
  },
  'oauth2-bearer': {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'TOKEN',
    summary: 'Send this bearer token, to the origin of the URL only. @FILE, env:NAME or - to be asked.'
  },
  negotiate: {
    kind: 'switch',
    group: 'SIGN-IN AND TRUST',
    summary:
      'Sign in with your Kerberos ticket (kinit) where the server wants that; -u : may be added, as for curl.'
  }
} as const satisfies FlagTable

/** How a connection is made; resume takes them as get does. */
export const connectionFlags = {
  'http1.1': {
    kind: 'switch',
    group: 'REQUEST',
    replaces: ['http2'],
    summary: 'Speak HTTP/1.1 (the default).'
  },
  http2: {
    kind: 'switch',
    group: 'REQUEST',
    replaces: ['http1.1'],
    summary: 'Speak HTTP/2 where the server offers it over TLS.'
  },
  resolve: {
    kind: 'list',
    group: 'REQUEST',
    placeholder: 'HOST:PORT:ADDRESS[,ADDRESS]',
    summary: 'Connect to ADDRESS for this host and port instead of asking the name server.'
  },
  ipv4: {
    kind: 'switch',
    char: '4',
    group: 'REQUEST',
    replaces: ['ipv6'],
    summary: 'Use IPv4 addresses only.'
  },
  ipv6: {
    kind: 'switch',
    char: '6',
    group: 'REQUEST',
    replaces: ['ipv4'],
    summary: 'Use IPv6 addresses only.'
  },
  interface: {
    kind: 'value',
    group: 'REQUEST',
    placeholder: 'ADDRESS|NAME',
    summary: 'Connect from this local address or network interface.'
  },
  insecure: {
    kind: 'switch',
    char: 'k',
    group: 'SIGN-IN AND TRUST',
    summary: 'Accept any certificate, for this run only. Anybody on the way can read and change the transfer.'
  },
  cacert: {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'FILE',
    summary: 'Trust the authorities of this PEM file instead of the built-in ones.'
  },
  capath: {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'DIR',
    summary: 'Trust the authorities of all PEM files in this folder instead of the built-in ones.'
  },
  cert: {
    kind: 'value',
    char: 'E',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'FILE[:PASS]',
    summary:
      'Show the client certificate of this file (PEM or PKCS#12) to the origin of the URL when it asks for one; PASS opens its key: @FILE, env:NAME, - to be asked, or the passphrase itself.'
  },
  'cert-type': {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'TYPE',
    choices: ['PEM', 'P12'],
    summary: 'What --cert is (PEM or P12), where it is not to be seen from its content.'
  },
  key: {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'FILE',
    summary: 'The private key of --cert (PEM), where it is not in the same file.'
  },
  pinnedpubkey: {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'PINS|FILE',
    summary:
      'Refuse every server whose public key is not one of these: sha256//BASE64, several with ; between, or the key in a file. Holds with -k too.'
  },
  'tlsv1.2': {
    kind: 'switch',
    group: 'SIGN-IN AND TRUST',
    replaces: ['tlsv1.3'],
    summary: 'TLS 1.2 or newer (the default).'
  },
  'tlsv1.3': {
    kind: 'switch',
    group: 'SIGN-IN AND TRUST',
    replaces: ['tlsv1.2'],
    summary: 'TLS 1.3 or newer.'
  },
  'tls-max': {
    kind: 'value',
    group: 'SIGN-IN AND TRUST',
    placeholder: 'VERSION',
    choices: ['1.2', '1.3', 'default'],
    summary: 'Highest TLS version to offer: 1.2, 1.3 or default.'
  }
} as const satisfies FlagTable

export const requestFlags = {
  request: {
    kind: 'value',
    char: 'X',
    group: 'REQUEST',
    placeholder: 'METHOD',
    summary: 'Use this method instead of GET.'
  },
  range: {
    kind: 'value',
    char: 'r',
    group: 'REQUEST',
    placeholder: 'FIRST-LAST',
    summary: 'Fetch only these bytes, e.g. 0-499, 500- or -500. Such a download is not resumed.'
  },
  head: {
    kind: 'switch',
    char: 'I',
    group: 'REQUEST',
    summary: "Ask for the response's head only and print it."
  },
  compressed: {
    kind: 'switch',
    group: 'REQUEST',
    summary:
      'Ask for a compressed transfer and write it decoded: the default of -o -. A file fetched so cannot be resumed.'
  }
} as const satisfies FlagTable
