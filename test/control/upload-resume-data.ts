import type {UploadResumeData} from '../../src/engine/index.ts'

/** What an upload of 100 bytes would have left of which 60 were known to be taken. */
export function uploadResumeData(taskId: string): UploadResumeData {
  return {
    format: 'ferry-resume-data',
    version: 1,
    kind: 'upload',
    generation: 1,
    taskId,
    label: null,
    session: 'shared',
    state: 'active',
    written: 1,
    originalRequest: {url: 'http://127.0.0.1/F', method: 'PUT', headers: [], omittedHeaders: []},
    collection: null,
    protocol: 'ietf',
    interopVersion: 8,
    parts: [{url: 'http://127.0.0.1/uploads/1', first: 0, length: 100}],
    expires: null,
    source: {path: '/photos/garden.raw', size: 100, modified: 1, device: 1, inode: 1, lifetime: 'user'},
    prefix: {length: 60, sha256: '0'.repeat(64)}
  }
}
