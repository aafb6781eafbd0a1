import {rowsOf} from './row.ts'
import type {ConformanceTable} from './row.ts'

const webSocket = 'WebSocket is no file transfer: the scheme is refused'

/** The cases of TestURLSession in the open Foundation, as commands. */
export const urlSessionCases: ConformanceTable = {
  title: 'TestURLSession',
  about: 'The 85 cases that the open Foundation tests its URLSession with, told as commands.',
  rows: rowsOf(
    '3A ',
    `
1 | dataTaskWithURL
2 | dataTaskWithAcceptEncoding
3 | dataTaskWithURLCompletionHandler
4 | dataTaskAcceptsResponseHeaderValueWithoutWhitespace
5 | dataTaskWithURLRequest
6 | dataTaskWithURLRequestCompletionHandler
7 | asyncDataFromURL
8 | asyncDataFromURLWithDelegate
9 | dataTaskWithHttpInputStream
10 | dataTaskWithHTTPBodyRedirect
11 | gzippedDataTask
12 | brotliDataTask
13 | downloadTaskWithURL
14 | downloadTaskWithURLRequest
15 | downloadTaskWithIPv6URLRequest
16 | downloadTaskWithRequestAndHandler
17 | downloadTaskWithURLAndHandler
18 | asyncDownloadFromURL
19 | asyncDownloadFromURLWithDelegate
20 | gzippedDownloadTask
21 | finishTasksAndInvalidate
22 | taskError
23 | taskCopy
24 | cancelTask
25 | unhandledURLProtocol
26 | requestToNilURL
27 | suspendResumeTask
28 | verifyRequestHeaders
29 | verifyHttpAdditionalHeaders
30 | taskTimeout
31 | httpTimeout
32 | connectTimeout
33 | repeatedRequestsStress
34 | httpRedirectionWithCode300
35 | httpRedirectionWithCode301_302
36 | httpRedirectionWithCode303
37 | httpRedirectionWithCode304
38 | httpRedirectionWithCode305_308
39 | httpRedirectDontFollowUsingNil
40 | httpRedirectDontFollowIgnoringHandler
41 | httpRedirectionWithCompleteRelativePath
42 | httpRedirectionWithInCompleteRelativePath
43 | httpRedirectionWithDefaultPort
44 | httpRedirectionWithEncodedQuery
45 | httpRedirectionTimeout
46 | httpRedirectionChainInheritsTimeoutInterval
47 | httpRedirectionExceededMaxRedirects
48 | willPerformRedirect
49 | httpNotFound
50 | http0_9SimpleResponses: refused
51 | outOfRangeButCorrectlyFormattedHTTPCode
52 | missingContentLengthButStillABody
53 | illegalHTTPServerResponses
54 | dataTaskWithSharedDelegate
55 | simpleUploadWithDelegate
56 | requestWithEmptyBody
57 | requestWithNonEmptyBody
58 | concurrentRequests
59 | disableCookiesStorage
60 | cookiesStorage
61 | redirectionWithSetCookies
62 | previouslySetCookiesAreSentInLaterRequests
63 | cookieStorageForEphemeralConfiguration
64 | setCookieHeadersCanBeIgnored
65 | initURLSessionConfiguration
66 | basicAuthRequest
67 | postWithEmptyBody
68 | basicAuthWithUnauthorizedHeader
69 | basicAuthChallenge_whenNoCredentialsAvailable_completesWithResponse
70 | checkErrorTypeAfterInvalidateAndCancel
71 | taskCountAfterInvalidateAndCancel
72 | sessionDelegateAfterInvalidateAndCancel
73 | sessionDelegateCalledIfTaskDelegateDoesNotImplement
74 | getAllTasks
75 | getTasksWithCompletion
76 | noDoubleCallbackWhenCancellingAndProtocolFailsFast
77 | cancelledTasksCannotBeResumed
78 | invalidResumeDataForDownloadTask
79 | simpleUploadWithDelegateProvidingInputStream
80 | webSocket | ${webSocket}
81 | webSocketShared | ${webSocket}
82 | webSocketCompletions | ${webSocket}
83 | webSocketSpecificProtocol | ${webSocket}
84 | webSocketAbruptClose | ${webSocket}
85 | webSocketSemiAbruptClose | ${webSocket}
`
  )
}

export const otherSuites: ConformanceTable = {
  title: 'Other suites',
  about:
    'Further suites of the open Foundation (3B), of GNUstep and WinObjC (3C), Alamofire (3D), AFNetworking (3E) and NIO (3F).',
  rows: [
    ...rowsOf(
      '3B ',
      `
86 | TestURLCache: what is stored, where, and what makes room
87 | HTTPURLProtocol: what must not be stored
88 | TestHTTPCookieStorage: expiry, replacement, domains, policy, order
89 | TestURLCredentialStorage: exactly the right space
90 | TestURLProtectionSpace: several challenges in one field, quoting
91 | TestHTTPURLResponse: lengths and names of files
92 | TestURLProtocol, TestURLSessionFTP: foreign schemes are refused
`
    ),
    ...rowsOf(
      '3C ',
      `
93 | Ten at once, a refused response, an invalidated session: one completion each
94 | Delegates are asked through the task, once
95 | Large uploads arrive intact
96 | Identifiers differ, statuses are no errors, defaults are 60 s, 7 days, 6 connections
`
    ),
    ...rowsOf(
      '3D ',
      `
97 | A cancelled download leaves no resume data
98 | A failed one does
99 | Pause, event and response name the same resume data
100 | Progress goes on from where it was
101 | Folders that are missing, targets that are taken
102 | Progress only grows and ends at the whole
103 | Events of a life come once each
104 | A redirection is followed, refused or changed; the request's handler wins
105 | What is tried again, how often and when
106 | Retried when the connection is back
107 | Cache policies and directives
108 | An answer is stored, kept in memory, or refused by the delegate
109 | Uploads of every kind
110 | Wrong, right, stored and unasked credentials
111 | A GET with a body, data from file: are invalid
112 | Tearing a session down completes every request
`
    ),
    ...rowsOf('3E ', '113 | Progress, metrics, headers, errors and a place that cannot be written'),
    ...rowsOf(
      '3F ',
      `
114 | A server without resumable uploads gets one plain request, and pausing is refused
115 | An upload that was cut goes on at the server's offset; each byte is stored once
116 | What is not taken at once goes in appends until it is complete
117 | A 104 of another version is ignored
118 | Limits that OPTIONS tells are kept to
`
    )
  ]
}
