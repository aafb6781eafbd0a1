import type {DownloadResumeData} from '../../src/engine/index.ts'

/** What a download of 77 bytes so far would have left. */
export function resumeData(taskId: string): DownloadResumeData {
  return {
    format: 'ferry-resume-data',
    version: 1,
    kind: 'download',
    generation: 1,
    taskId,
    label: null,
    session: 'shared',
    state: 'active',
    written: 1,
    originalRequest: {url: 'http://127.0.0.1/F', method: 'GET', headers: [], omittedHeaders: []},
    response: {
      url: 'http://127.0.0.1/F',
      status: 200,
      entityTag: '"v1"',
      lastModified: null,
      date: null,
      acceptRanges: 'bytes'
    },
    total: 100,
    bytesReceived: 77,
    tail: {length: 0, sha256: '0'.repeat(64)},
    partial: {name: 'F.part', device: 1, inode: 1},
    destination: {
      name: 'F',
      directory: null,
      ifExists: 'replace',
      remoteTime: false,
      requireLength: false,
      checksums: []
    }
  }
}
