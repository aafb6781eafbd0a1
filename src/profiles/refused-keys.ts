/** Keys of URLSessionConfiguration and URLSessionTask that a terminal cannot have, and why not. In lower case. */
export const foreignKeys: Readonly<Record<string, string>> = {
  networkservicetype: 'Node cannot mark the class of service of a connection',
  allowscellularaccess: 'no terminal tells whether a network is cellular; network.localAddress chooses one',
  allowsexpensivenetworkaccess:
    'no terminal tells whether a network is expensive; network.localAddress chooses one',
  allowsconstrainednetworkaccess:
    'no terminal tells whether a network is constrained; network.localAddress chooses one',
  allowsultraconstrainednetworkaccess:
    'no terminal tells whether a network is constrained; network.localAddress chooses one',
  identifier: 'the name of a background session is its identifier',
  earliestbegindate: 'it belongs to one task, and a session has many',
  sharedcontaineridentifier: 'there are no app containers on a terminal',
  sessionsendslaunchevents: 'there is no app to wake; hooks.onComplete runs a command',
  httpshouldusepipelining: 'requests are never pipelined: servers and proxies get it wrong',
  shouldusepipelining: 'requests are never pipelined: servers and proxies get it wrong',
  shoulduseextendedbackgroundidlemode: 'a terminal suspends no app, so connections need no longer life',
  protocolclasses: 'there are no protocol plug-ins: http and https are spoken, and nothing else',
  multipathservicetype: 'Node cannot use several paths for one connection',
  usesclassicloadingmode: 'there is one way of loading only',
  requiresdnssecvalidation: 'Node cannot ask for validated answers of name servers',
  enablesearlydata: 'Node sends no early data',
  name: 'a session keeps its name; sessions create NAME --from OTHER makes another one',
  kind: 'a session stays what it was made as; sessions create NAME --from OTHER --kind KIND makes another one',
  description: 'it is given once: sessions create NAME --from OTHER --description TEXT',
  revision: 'it counts the changes by itself',
  'tls.insecure': 'accepting any certificate is never stored: give -k to the one transfer that needs it',
  insecure: 'accepting any certificate is never stored: give -k to the one transfer that needs it'
}

/** Names that URLSessionConfiguration has for keys of ours. In lower case. */
export const translatedKeys: Readonly<Record<string, string>> = {
  isdiscretionary: 'discretionary.window',
  discretionary: 'discretionary.window',
  requestcachepolicy: 'cache.policy',
  timeoutintervalforrequest: 'timeouts.idle',
  timeoutintervalforresource: 'timeouts.total',
  httpmaximumconnectionsperhost: 'maxConnectionsPerHost',
  httpadditionalheaders: 'headers.NAME',
  httpshouldsetcookies: 'cookies.send',
  httpcookieacceptpolicy: 'cookies.accept',
  httpcookiestorage: 'cookies.jar',
  urlcredentialstorage: 'credentials.persistence',
  urlcache: 'cache.memoryBytes and cache.diskBytes',
  connectionproxydictionary: 'proxy.url',
  proxyconfigurations: 'proxy.url',
  tlsminimumsupportedprotocolversion: 'tls.min',
  tlsmaximumsupportedprotocolversion: 'tls.max',
  tlsminimumsupportedprotocol: 'tls.min',
  tlsmaximumsupportedprotocol: 'tls.max'
}
