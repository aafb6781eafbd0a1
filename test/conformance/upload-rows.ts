import {rowsOf} from './row.ts'
import type {ConformanceTable} from './row.ts'

export const uploadRows: ConformanceTable = {
  title: 'Resumable uploads',
  about:
    'What URLSession does since iOS 17 with servers of the resumable upload draft (draft-ietf-httpbis-resumable-upload).',
  rows: rowsOf(
    'U',
    `
1 | An upload begins as an ordinary request with three more headers; their version is a setting
2 | Only a 104 of the same version names the place to continue at; it is on disk at once, and only then a pause is possible
3 | A server's limits are kept to: a file too large is not sent, pieces are no larger than allowed
4 | It goes on from the server's offset, whatever was sent, and only with an unchanged file
5 | An append says where it begins; a conflict is asked about once; never two requests at once
6 | An answer for the complete content is the target's own, whatever its status; others are asked about again, or end it
7 | Cancelling ends it on the server too; what cannot be continued is not paused
8 | A momentary drop is mended without the user, within the time for the whole
9 | Where interim answers get lost, it begins with an empty request
10 | Interim answers are heard in the middle of sending
`
  )
}
