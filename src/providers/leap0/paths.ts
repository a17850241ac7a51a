/** Source: leap0-openapi.yaml, and leap0.md for what it has no more. */
export const sandboxPath = (id: string): string => `/v1/sandbox/${encodeURIComponent(id)}`;

/** The path of a session; `/connect` below it is its WebSocket. */
export const sessionPath = (id: string, sessionId: string): string =>
  `${sandboxPath(id)}/pty/${encodeURIComponent(sessionId)}`;

/** Revision B's, and the one of all before it. */
export const restoreSnapshotPath = '/v1/snapshot/restore';
export const resumeSnapshotPath = '/v1/snapshot/resume';

export const snapshotPath = (id: string): string => `/v1/snapshot/${encodeURIComponent(id)}`;
