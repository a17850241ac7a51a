import * as vscode from 'vscode';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { isNode } from '../explorer/nodes.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { waitFor } from '../progress.ts';
import { confirmDeletion } from './lifecycle.ts';
import { workOnAll } from './many.ts';

/** Deletes the sandboxes that are stopped: those of the account it was called on, or of all accounts. */
export async function deleteAllStopped(parts: Parts, argument: unknown): Promise<void> {
  const account = isNode(argument) && argument.kind === 'account' ? argument.view.account : undefined;
  const where = account ? ` in ${message(account.name)}` : '';
  const stopped = await waitFor('Reading the list of sandboxes…', listStopped(parts, account?.id));
  const { length } = stopped;
  if (length === 0) return void vscode.window.showInformationMessage(`No sandbox is stopped${where}.`);
  const question = length === 1 ? undefined : `Delete all ${length} stopped sandboxes${where}?`;
  if (!(await confirmDeletion(stopped, question))) return;
  const run = (sandbox: Sandbox, signal: AbortSignal) => deleteIfStopped(parts, sandbox, signal);
  await workOnAll(parts, { doing: 'Deleting', done: 'deleted', run }, { sandboxes: stopped, leftOut: [] });
}

/** @throws ProviderError when there is none because a list could not be read */
async function listStopped({ fleet }: Parts, accountId: string | undefined): Promise<Sandbox[]> {
  await (accountId === undefined ? fleet.refresh() : fleet.account(accountId).refresh());
  const views = fleet.views().filter(({ account }) => accountId === undefined || account.id === accountId);
  const stopped = views.flatMap(({ sandboxes }) => sandboxes.filter(({ state }) => state === 'stopped'));
  const failure = views.find(({ error }) => error)?.error;
  if (failure && stopped.length === 0) throw failure;
  return stopped;
}

/** The question may have stood for long: one that somebody has started since then is not what was agreed to. */
async function deleteIfStopped({ fleet }: Parts, sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  const account = fleet.account(sandbox.accountId);
  const now = await account.confirm(sandbox.id);
  if (!now) return;
  if (now.state !== 'stopped') {
    throw new ProviderError('conflict', `${now.name} is ${now.state} by now, so it was kept.`);
  }
  await account.delete(sandbox.id, { signal });
}
