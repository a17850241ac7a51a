import { deepEqual, equal, ok } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { command, dataFolder, extension, until } from './helpers.ts';

/** The programs of the extension that this extension host has started. */
function childrenOfOurs(): string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    try {
      const isChild =
        readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === `${process.pid}`;
      const line = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return isChild && line.includes(`${extension.extensionPath}/dist/`) ? [line] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

const isLoaded = (program: string) =>
  Object.keys(require.cache).some((path) => path.endsWith(`/dist/${program}`));

describe('activation', () => {
  it('happens at the start of a window, and makes no request, starts nothing and loads no network code', async () => {
    await until('VS Code has activated it by itself', () => extension.isActive || undefined);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    ok(isLoaded('extension.js'));
    equal(isLoaded('net.js'), false, 'all that makes requests, or starts a program, is in there');
    deepEqual(childrenOfOurs(), []);
    equal(existsSync(dataFolder), false, 'no engine has made its folder');
    equal(existsSync(join(homedir(), '.ssh')), false, 'nothing is done for SSH without a host');
  });

  it('registers every command that package.json names, and no other', async () => {
    const named = extension.packageJSON.contributes.commands.map((one: { command: string }) => one.command);
    const registered = (await vscode.commands.getCommands(true)).filter((id) =>
      /^sandboxExplorer\.(?!.*(focus|open$|removeView|resetViewLocation|toggleVisibility))/.test(id),
    );
    deepEqual(registered.toSorted(), named.toSorted());
  });

  it('shows over the view that the first list is being read', async () => {
    const views: unknown[] = [];
    const original = vscode.window.withProgress;
    const patched: typeof original = (options, task) => {
      views.push(options.location);
      return original(options, task);
    };
    Object.assign(vscode.window, { withProgress: patched });
    await command('show');
    await until('the bar', () => views.length > 0 || undefined);
    deepEqual(views, [{ viewId: 'sandboxExplorer' }]);
    Object.assign(vscode.window, { withProgress: original });
    await vscode.commands.executeCommand('workbench.action.closeSidebar');
  });

  it('gives no workspace a way to change a path, a command or an address', () => {
    const { properties } = extension.packageJSON.contributes.configuration;
    for (const [name, { scope }] of Object.entries<{ scope: string }>(properties))
      equal(scope, 'application', name);
    deepEqual(extension.packageJSON.capabilities, {
      untrustedWorkspaces: { supported: true },
      virtualWorkspaces: true,
    });
  });
});
