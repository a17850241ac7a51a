import * as vscode from 'vscode';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { wake } from '../../sandboxes/wake.ts';
import { showFailure } from '../failures.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';
import { askToInclude } from './include.ts';
import { mayOpen } from './obstacle.ts';
import { setPlatform } from './platform.ts';
import { prepareHost } from './prepareHost.ts';
import { findResolver, resolverFor, type Resolver } from './resolver.ts';
import { surveyFor, surveyOf } from './survey.ts';

export interface Place {
  /** A folder in the sandbox; an empty window without one. */
  readonly folder?: string | undefined;
  readonly inNewWindow: boolean;
}

/** Opens a sandbox as a Remote-SSH window; one that sleeps is woken, since the user asks for it. */
export async function openRemote(parts: Parts, sandbox: Sandbox, place: Place): Promise<void> {
  const resolver = findResolver(vscode.extensions.all) ?? (await offerResolver(parts, sandbox));
  if (!resolver) return;
  const survey = await surveyOf(parts, sandbox);
  // Nothing is woken, or made at the service, for a window that would not open.
  if (!(await askToInclude(parts, survey, resolver))) {
    void offerCommand(parts, sandbox);
    return;
  }
  const name = message(sandbox.name);
  const account = parts.fleet.account(sandbox.accountId);
  const awake = await withProgress(`Waiting for ${name}…`, (signal) => wake(account, sandbox, signal));
  const host = await prepareHost(parts, awake, survey);
  if (!host) return;
  if (!(await mayOpen(parts, await surveyFor(parts, awake, host, survey), resolver))) return;
  await setPlatform(resolver, host, parts.log);
  if (place.folder) await parts.ssh.memory.setFolder(sandbox.key, place.folder);
  await openWindow(`ssh-remote+${host}`, place);
}

async function openWindow(authority: string, { folder, inNewWindow }: Place): Promise<void> {
  if (folder === undefined) {
    const options = { remoteAuthority: authority, reuseWindow: !inNewWindow };
    await vscode.commands.executeCommand('vscode.newWindow', options);
    return;
  }
  const uri = vscode.Uri.from({ scheme: 'vscode-remote', authority, path: folder });
  await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: inNewWindow });
}

/** Milliseconds within which a window learns of an extension that was installed. */
const appearsMs = 10_000;

const install = 'Install Remote-SSH';
const copy = 'Copy SSH Command';
const terminal = 'Open Terminal';

/** Tells what to do without an extension that opens such windows. @returns the one that was installed */
async function offerResolver(parts: Parts, sandbox: Sandbox): Promise<Resolver | undefined> {
  const id = resolverFor(vscode.env.uriScheme);
  const row = parts.view.nodeOf(sandbox);
  const chosen = await vscode.window.showInformationMessage(
    `To open a sandbox in a window of its own, ${vscode.env.appName} needs an extension for Remote-SSH, such as ${id}.`,
    install,
    copy,
    terminal,
  );
  if (chosen === copy) await vscode.commands.executeCommand('sandboxExplorer.copySshCommand', row);
  if (chosen === terminal) await vscode.commands.executeCommand('sandboxExplorer.openTerminal', row);
  return chosen === install ? await installExtension(parts, id) : undefined;
}

/** Never rejects: what stands in the way is told. */
async function installExtension({ log }: Parts, id: string): Promise<Resolver | undefined> {
  try {
    const resolver = await withProgress(`Installing ${id}…`, async () => {
      await vscode.commands.executeCommand('workbench.extensions.installExtension', id);
      return await appeared();
    });
    if (!resolver) void offerReload(id);
    return resolver;
  } catch (thrown) {
    const cause = ProviderError.from(thrown);
    // VS Code's own word for what the user has declined.
    if (cause.message === 'Canceled') return undefined;
    const failure = new ProviderError('invalid', `${id} could not be installed: ${cause.message}`, { cause });
    const show = () => void vscode.commands.executeCommand('workbench.extensions.search', `@id:${id}`);
    void showFailure(log, failure, undefined, { 'Show in Extensions': show });
    return undefined;
  }
}

/** VS Code tells of what it has installed only some moments later. */
function appeared(): Promise<Resolver | undefined> {
  return new Promise((resolve) => {
    const finish = (resolver?: Resolver) => {
      subscription.dispose();
      clearTimeout(timer);
      resolve(resolver);
    };
    const look = () => {
      const resolver = findResolver(vscode.extensions.all);
      if (resolver) finish(resolver);
    };
    const timer = setTimeout(finish, appearsMs);
    const subscription = vscode.extensions.onDidChange(look);
    look();
  });
}

async function offerReload(id: string): Promise<void> {
  const told = `${id} is installed, but this window cannot use it yet. Reload the window, and open the sandbox again.`;
  const reload = 'Reload Window';
  if ((await vscode.window.showWarningMessage(told, reload)) !== reload) return;
  await vscode.commands.executeCommand('workbench.action.reloadWindow');
}

/** What still works for those who want no line in their config. */
async function offerCommand({ view }: Parts, sandbox: Sandbox): Promise<void> {
  const told = `Remote-SSH cannot find ${message(sandbox.name)} without the line.`;
  if ((await vscode.window.showInformationMessage(told, copy)) !== copy) return;
  await vscode.commands.executeCommand('sandboxExplorer.copySshCommand', view.nodeOf(sandbox));
}
