import * as vscode from 'vscode';

/** The SSH host that this window is on; nothing for a local window, or when VS Code does not tell. */
export function remoteHost(): string | undefined {
  if (vscode.env.remoteName !== 'ssh-remote') return undefined;
  const { workspaceFolders = [], workspaceFile } = vscode.workspace;
  const uris = [...workspaceFolders.map(({ uri }) => uri), ...(workspaceFile ? [workspaceFile] : [])];
  return [ownAuthority(), ...uris.map(({ authority }) => authority)].flatMap((one) => hostOf(one) ?? [])[0];
}

/** The host in `ssh-remote+HOST`. */
const hostOf = (authority: string | undefined): string | undefined =>
  /^ssh-remote\+(.+)$/.exec(authority ?? '')?.[1];

/** Known only to editors that let every extension ask; the others throw. */
function ownAuthority(): string | undefined {
  try {
    return (vscode.env as { readonly remoteAuthority?: string }).remoteAuthority;
  } catch {
    return undefined;
  }
}
