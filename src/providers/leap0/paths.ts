/** The paths that both revisions of the API share. Source: leap0-openapi.yaml. */
export const sandboxPath = (id: string): string => `/v1/sandbox/${encodeURIComponent(id)}`;

/** The path of a session; `/connect` below it is its WebSocket. */
export const sessionPath = (id: string, sessionId: string): string =>
  `${sandboxPath(id)}/pty/${encodeURIComponent(sessionId)}`;

export const snapshotPath = (id: string): string => `/v1/snapshot/${encodeURIComponent(id)}`;
