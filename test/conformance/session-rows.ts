import {rowsOf} from './row.ts'
import type {ConformanceTable} from './row.ts'

export const sessionRows: ConformanceTable = {
  title: 'Sessions, tasks and their life',
  about: 'What NSURLSession promises about sessions and tasks, as the command line and the library keep it.',
  rows: rowsOf(
    'R',
    `
1 | A session is a configured container: its tasks have headers, cookies and connection limits in common
2 | A group of tasks ends together, and no other session's tasks with it
3 | The shared session is always there and can be neither changed nor invalidated
4 | The configuration comes first; a session nobody made is refused before anything is sent
5 | A task keeps the configuration it was made with, retries included
6 | A copy of a configuration is independent of what it was copied from
7 | The default session remembers between runs: cookies, credentials, answers; files never come from the cache
8 | An ephemeral session leaves nothing on disk but what was asked for
9 | A background session goes on without the command
10 | The configuration rules over cookies, TLS, cache, limits and times
11 | Additional headers go with every request, once; the request's own win
12 | A background session is known by its identifier
13 | One owner for a background session; any number of processes for every other
14 | What needs a delegate has a flag: challenges, trust, types, streams, caching, redirections
15 | Received data always goes somewhere; where it cannot, nothing is asked
16 | A process ends when its last task has ended, whatever the server keeps open
17 | A session that is finished with is invalidated, and says so last
18 | A task starts by itself, or suspended when asked
19 | A data task hands over its bytes and ends with the facts of the response
20 | A download task puts its bytes into a file and tells how it goes
21 | The body of an upload wins over any other
22 | A task's identifier is unique over all sessions
23 | Several tasks run in one session, each with a state of its own
24 | Suspended can continue; cancelled cannot
25 | Pausing produces resume data
26 | What cannot be resumed says so, and goes on
27 | Resume data alone is enough to continue, anywhere
28 | Resume data is used once
29 | Only what is possible is offered
30 | Events come one at a time, in order
31 | Resume data is on disk whole or not at all
32 | The same facts for people and for programs
33 | Session-level challenges go to the session's handler first, then to the task's
34 | All other challenges go to the task's handler only
35 | Kerberos is transparent where it is there, and never a hang where it is not
36 | A request that is challenged is sent again whole
37 | A redirection is followed, changed, or refused: then the 3xx is the result
38 | After a redirection, challenges are those of the new origin
39 | Without a handler, twenty redirections are followed
40 | A resumed download tells its offset and the expected total
41 | A response is allowed, refused, or becomes a download
42 | What became a download says nothing more as a data task
43 | A streamed upload asks for its body first
44 | Sent bytes are counted
45 | Progress counts bytes that are written
46 | Pieces of data join to the body
47 | A user's pause leads to a new task later
48 | An answer is stored only if the delegate agrees
49 | The finished file appears once, whole
50 | Every started task completes exactly once
51 | Failures are tried again, not at once, and never those that time does not heal
52 | A failure that can be resumed leaves resume data
53 | A status is no error of the transfer, and never lands in the target
54 | A multipart answer is a response for each of its parts
55 | Invalidation is told after every task has ended
56 | Cancelling completes with an error
57 | Plain output has the same files and exit codes
58 | A configuration is fixed; changing makes a new revision
59 | Finishing takes no new tasks and lets those that run end
60 | Cancelling ends every task once
61 | Flush writes the stores and makes new connections
62 | Reset empties the stores and leaves running tasks alone
63 | Flush and reset return when they are done
64 | A background transfer is durable before the command returns
65 | Completion can start a command of the user
66 | Undelivered events come again to whoever attaches
67 | An attached process gets one token
68 | Events end with a mark to be acknowledged
69 | An acknowledged session object is used up
70 | The identifier can then be used again
71 | Two at once with one identifier are refused
72 | The service and its client are shown apart
`
  )
}

export const configurationRows: ConformanceTable = {
  title: 'Configuration and task properties',
  about:
    'Every property of NSURLSessionConfiguration, and those of its tasks. What no terminal has is refused by name.',
  rows: rowsOf(
    'P',
    `
1 | identifier: names a background session
2 | requestCachePolicy: protocol, reload, revalidate, cache else load, cache only
3 | timeoutIntervalForRequest: seconds without a byte, fractions too
4 | timeoutIntervalForResource: seconds for the whole task
5 | networkServiceType is refused by name
6 | Access by class of network is refused by name
7 | waitsForConnectivity: wait for the way to the server
8 | isDiscretionary is refused by name in the foreground
9 | sharedContainerIdentifier is refused by name
10 | sessionSendsLaunchEvents is refused by name
11 | connectionProxyDictionary: proxy.url, proxy.noProxy and the environment
12 | TLS minimum and maximum
13 | HTTPShouldUsePipelining is refused by name
14 | HTTPShouldSetCookies: stored, not sent
15 | HTTPCookieAcceptPolicy: always, never, main document
16 | HTTPCookieStorage: a file, or none
17 | HTTPAdditionalHeaders: only where the request has none
18 | HTTPMaximumConnectionsPerHost holds for each session
19 | URLCredentialStorage: none, session, permanent
20 | URLCache: bytes in memory and on disk; shrinking evicts
21 | shouldUseExtendedBackgroundIdleMode is refused by name
22 | protocolClasses is refused by name; only http and https are spoken
23 | multipathServiceType is refused by name
24 | requiresDNSSECValidation and its like are refused by name
25 | earliestBeginDate
26 | Expected counts come from the response; a hint of the client changes nothing
27 | priority: higher starts first
28 | taskDescription and sessionDescription
29 | Requests, response, state, error and counts of a task can be looked at
30 | Outstanding tasks can be listed; ended ones only when asked for
31 | Metrics tell times, connection and bytes of every transaction
`
  )
}
