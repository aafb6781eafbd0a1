const proxyMethod = 'The proxy says how it wants to be signed in to: leave it out, and give --proxy-user'
const noProxyKerberos = 'Proxies are signed in to with Basic and Digest only: give --proxy-user'
const proxyAuthority = 'Use --cacert FILE, which holds for an https proxy too'
const noProxyCertificate = 'Client certificates are not shown to proxies'
const socks = 'Use -x socks5://HOST:PORT; the proxy looks names up'
const noSocks4 = 'SOCKS4 is not spoken; use -x socks5://HOST:PORT'
const ciphers = 'The ciphers are those of Node; the version can be chosen: --tlsv1.2, --tlsv1.3, --tls-max'
const noSsl = 'SSL is not spoken; use --tlsv1.2 or --tlsv1.3'
const names = 'Names are looked up by the system; --resolve HOST:PORT:ADDRESS says where one is'
const noDelegation = 'A Kerberos ticket is never handed on, and its service is HTTP: leave it out'
const tuning = 'Connections are kept and tuned by themselves: leave it out'
const tcpOnly = 'Only TCP is spoken, to the host of the URL or to a proxy (-x)'

/** How curl (and wget) spell who asks, and what lies between here and the server; and how that is done here. */
export const connectionSpellings: Readonly<Record<string, string>> = {
  '--socks5': socks,
  '--socks5-hostname': socks,
  '--socks4': noSocks4,
  '--socks4a': noSocks4,
  '--preproxy': 'One proxy at a time: use -x PROXY',
  '--proxy1.0': 'Use -x HOST:PORT',
  '--proxytunnel': 'https goes through a tunnel by itself, and http never does: leave it out',
  '--proxy-header': 'A proxy is told nothing but the host; over http it forwards, and sees, what -H sends',
  '--proxy-basic': proxyMethod,
  '--proxy-digest': proxyMethod,
  '--proxy-anyauth': proxyMethod,
  '--proxy-negotiate': noProxyKerberos,
  '--proxy-ntlm': noProxyKerberos,
  '--proxy-insecure': `The certificate of a proxy is always checked. ${proxyAuthority}`,
  '--proxy-cacert': proxyAuthority,
  '--proxy-capath': 'Use --capath DIR, which holds for an https proxy too',
  '--proxy-cert': noProxyCertificate,
  '--proxy-key': noProxyCertificate,
  '--proxy-pass': noProxyCertificate,
  '--proxy-password': 'Use --proxy-user NAME:PASSWORD, better env:VARIABLE or @FILE',
  '--proxy-passwd': 'Use --proxy-user NAME:PASSWORD, better env:VARIABLE or @FILE',
  '--no-proxy': 'Use -x "" to ask directly, or --noproxy LIST for some hosts',
  '--ciphers': ciphers,
  '--tls13-ciphers': ciphers,
  '--curves': ciphers,
  '--sslv2': noSsl,
  '--sslv3': noSsl,
  '-2': noSsl,
  '-3': noSsl,
  '--key-type': 'The key is PEM, or inside a PKCS#12 file that --cert names: leave it out',
  '--crlfile': 'Lists of revoked certificates are not read; --pinnedpubkey trusts one key only',
  '--cert-status':
    'Servers are not asked for proof that they are not revoked; --pinnedpubkey trusts one key only',
  '--ca-native': 'The authorities of the system count anyway: leave it out',
  '--delegation': noDelegation,
  '--service-name': noDelegation,
  '--aws-sigv4': 'Requests are not signed for AWS: make a signed URL, and fetch that',
  '--auth': 'Use -u NAME:PASSWORD, or --oauth2-bearer TOKEN',
  '--auth-type': 'The server says how it wants to be signed in to: -u NAME:PASSWORD --anyauth',
  '--verify': 'Use --cacert FILE; -k checks nothing',
  '--junk-session-cookies': 'Use --ephemeral to begin without cookies',
  '--keep-session-cookies': 'They are kept anyway: leave it out',
  '--hsts': 'Hosts that insist on TLS are remembered by the session: leave it out',
  '--connect-to': 'Use --resolve HOST:PORT:ADDRESS',
  '--unix-socket': tcpOnly,
  '--abstract-unix-socket': tcpOnly,
  '--haproxy-protocol': tcpOnly,
  '--doh-url': names,
  '--dns-servers': names,
  '--dns-interface': names,
  '--no-keepalive': tuning,
  '--keepalive-time': tuning,
  '--tcp-nodelay': tuning,
  '--tcp-fastopen': tuning,
  '--happy-eyeballs-timeout-ms': tuning,
  '--stderr': 'Use 2> FILE'
}
