import { equal, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { remoteHost } from '../../src/window/remote/authority.ts';

describe('a window knows its host', () => {
  const uri = (authority: string) => vscode.Uri.from({ scheme: 'vscode-remote', authority, path: '/work' });
  const work = { uri: uri('ssh-remote+sbx-one'), name: 'work', index: 0 };
  const told = new vscode.EventEmitter<vscode.WorkspaceFoldersChangeEvent>();
  let folders: vscode.WorkspaceFolder[] | undefined;
  let file: vscode.Uri | undefined;

  /** The host of a window that VS Code tells this of; a window of the tests is on no host. */
  const hostOf = async (remoteName: string): Promise<string | undefined> => {
    const takeBack = [
      define(vscode.env, 'remoteName', () => remoteName),
      define(vscode.workspace, 'workspaceFolders', () => folders),
      define(vscode.workspace, 'workspaceFile', () => file),
      define(vscode.workspace, 'onDidChangeWorkspaceFolders', () => told.event),
    ];
    return remoteHost().finally(() => takeBack.forEach((undo) => undo()));
  };

  it('by its folder, or by the file of its workspace', async () => {
    folders = [work];
    equal(await hostOf('ssh-remote'), 'sbx-one');
    folders = undefined;
    file = uri('ssh-remote+sbx-two');
    equal(await hostOf('ssh-remote'), 'sbx-two');
  });

  it('when VS Code tells of the folder only after it has started the extension to connect', async () => {
    [folders, file] = [undefined, undefined];
    const host = hostOf('ssh-remote');
    folders = [work];
    told.fire({ added: [work], removed: [] });
    equal(await host, 'sbx-one');
  });

  it('or does without, when VS Code never tells', async () => {
    folders = undefined;
    equal(await hostOf('ssh-remote'), undefined);
  });

  it('unless it is on none', async () => {
    folders = [{ ...work, uri: uri('wsl+Debian') }];
    equal(await hostOf('wsl'), undefined);
    equal(await hostOf('ssh-remote'), undefined);
  });
});

/** Has a part of VS Code's API answer something else. @returns what takes that back */
function define(target: object, name: string, get: () => unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  ok(before, `${name} is part of the API`);
  Object.defineProperty(target, name, { configurable: true, enumerable: true, get });
  return () => Object.defineProperty(target, name, before);
}
