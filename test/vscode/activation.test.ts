import { deepEqual, equal, ok } from 'node:assert/strict';
import childProcess from 'node:child_process';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import * as vscode from 'vscode';
import { command, dataFolder, extension, until } from './helpers.ts';

/** Counts the calls of a function that come from our extension, and not from another one of the same host. */
function countOurs(owner: object, name: string): () => number {
  const original: unknown = Reflect.get(owner, name);
  let calls = 0;
  Reflect.set(owner, name, function (this: unknown, ...args: unknown[]) {
    if (new Error().stack?.includes(`${extension.extensionPath}/dist/`)) calls++;
    return typeof original === 'function' ? Reflect.apply(original, this, args) : undefined;
  });
  return () => {
    Reflect.set(owner, name, original);
    return calls;
  };
}

const isLoaded = (program: string) =>
  Object.keys(require.cache).some((path) => path.endsWith(`/dist/${program}`));

describe('activation', () => {
  it('makes no request, starts nothing and loads no network code', async () => {
    equal(extension.isActive, false, 'nothing has activated the extension yet');
    const spawns = countOurs(childProcess, 'spawn');
    const connections = countOurs(Socket.prototype, 'connect');
    await extension.activate();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    equal(spawns(), 0);
    equal(connections(), 0);
    ok(isLoaded('extension.js'));
    equal(isLoaded('net.js'), false);
    equal(existsSync(dataFolder), false, 'no engine has made its folder');
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
