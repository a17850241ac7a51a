import * as vscode from 'vscode';

/** VS Code starts us for a connection without waiting until it knows what the window has open. Milliseconds. */
const patienceMs = 1_000;

/** The SSH host that this window is on; nothing for a local window, or when VS Code does not tell. */
export async function remoteHost(): Promise<string | undefined> {
  if (vscode.env.remoteName !== 'ssh-remote') return undefined;
  const known = knownHost();
  if (known !== undefined) return known;
  await nextFolders();
  return knownHost();
}

function knownHost(): string | undefined {
  const { workspaceFolders = [], workspaceFile } = vscode.workspace;
  const uris = [...workspaceFolders.map(({ uri }) => uri), ...(workspaceFile ? [workspaceFile] : [])];
  return [ownAuthority(), ...uris.map(({ authority }) => authority)].flatMap((one) => hostOf(one) ?? [])[0];
}

/** Resolves when VS Code tells of folders, or when there has been time enough to. */
async function nextFolders(): Promise<void> {
  await new Promise<void>((resolve) => {
    const finish = () => {
      subscription.dispose();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(finish, patienceMs);
    const subscription = vscode.workspace.onDidChangeWorkspaceFolders(finish);
  });
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
