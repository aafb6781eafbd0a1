import {rowsOf} from './row.ts'
import type {ConformanceTable} from './row.ts'

const metalink = 'metalink and mirrors do not exist yet'

/** Published weaknesses of transfer tools and their libraries; each asks whether ferry has it too. */
export const advisoryRows: ConformanceTable = {
  title: 'Published weaknesses of others',
  about:
    'What went wrong in curl, wget, aria2, HTTPie, undici and others, and is proved not to go wrong here.',
  rows: rowsOf(
    'CVE ',
    `
1 | CVE-2010-3842: backslashes in a server's file name
2 | CVE-2016-0754: colons in a server's file name
3 | CVE-2020-8177: the existing file was written over
4 | CVE-2022-27778: the existing file was removed
5 | CVE-2025-11563: escaped separators in an address
6 | CVE-2026-13346: an address decoded twice
7 | CVE-2010-2252: the name came from a redirection's target
8 | CVE-2016-4971: the name came from a redirection to another scheme
9 | CVE-2019-10751: a redirection named the file
10 | CVE-2010-2251, CVE-2010-2253: hidden files from Content-Disposition
11 | CVE-2019-20916: parent folders in Content-Disposition
12 | CVE-2010-1512: file names in metalinks | ${metalink}
13 | CVE-2021-22922: content with the wrong hash was kept
14 | CVE-2021-22923: credentials were sent to mirrors | ${metalink}
15 | CVE-2014-4877: links were followed when writing
16 | CVE-2026-54572, CVE-2026-71310: links and names led out of the folder
17 | CVE-2022-32207: a store's mode was widened
18 | CVE-2023-46219: a long name emptied a store
19 | CVE-2014-8991, CVE-2026-25645: predictable temporary names
20 | CVE-2018-20483: passwords in extended attributes
21 | CVE-2019-3500: credentials in a log
22 | CVE-2018-1000007, CVE-2021-31879: Authorization followed a redirection
23 | CVE-2022-27774, CVE-2022-27776: another port counted as the same host
24 | CVE-2024-11053, CVE-2025-0167: an entry of netrc without password
25 | CVE-2026-8926: another user's password from netrc
26 | CVE-2026-3783, CVE-2025-14524: a bearer token for the redirection's host
27 | CVE-2024-47081: netrc was asked for the wrong host
28 | CVE-2026-6253 and others: one proxy's credentials for the next
29 | CVE-2003-1605 and others: what is for the proxy reached the origin, and the other way round
30 | CVE-2024-24758, CVE-2024-28849: Proxy-Authorization across origins
31 | CVE-2022-31151, CVE-2023-45143: Cookie and Host across origins
32 | CVE-2022-0430: cookies without a host
33 | CVE-2018-18074 and others: secrets from https to http
34 | CVE-2024-45336: a stripped header came back
35 | CVE-2022-33987: a redirection to a unix socket
36 | CVE-2009-0037: a redirection to a local file
37 | CVE-2021-22876: Referer with credentials
38 | CVE-2020-8169: a part of the password in a lookup
39 | CVE-2024-38428: a semicolon moved the host
40 | CVE-2022-27780, CVE-2016-8624: delimiters in a host
41 | CVE-2023-46218 and others: cookies for public suffixes
42 | CVE-2022-35252, CVE-2022-32205: control characters, floods of cookies
43 | CVE-2018-0494: line feeds in a store of cookies
44 | CVE-2023-26136: prototypes as names
45 | CVE-2022-42916 and others: other spellings of a TLS-only host
46 | CVE-2022-31150 and others: line feeds in requests
47 | CVE-2022-35949: a path that changed the origin
48 | CVE-2026-1525: two lengths in one request
49 | CVE-2026-22036 and others: content codings without end
50 | GHSA-2xpw, GHSA-38jv, GHSA-mf9v: compressed bombs
51 | CVE-2023-38039, CVE-2026-71310: heads without end
52 | CVE-2025-22150: predictable boundaries
53 | CVE-2024-30261: a checksum that was none was accepted
54 | CVE-2026-48931: an answer nobody asked for
55 | A truncated chunked body counted as whole
56 | CVE-2019-3462, CVE-2014-0487: text of a server as a command; a 304 nobody asked for
57 | CVE-2024-52005: raw text of a server on the terminal
58 | CVE-2022-32210: certificates behind a proxy were not verified
59 | CVE-2024-35195: unverified connections were used again
60 | CVE-2015-3143 and others: connections of another identity were used again
61 | CVE-2026-49980, CVE-2023-39141: commands without authentication
62 | CVE-2023-24807: slow parsing
63 | CVE-2014-8150: line feeds through a proxy
64 | CVE-2025-27210: names of devices
65 | CVE-2026-12064: verification was switched off without a word
`
  )
}
