import * as vscode from 'vscode';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { isNode } from '../explorer/nodes.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { waitFor } from '../progress.ts';
import { deletionIn } from './deletion.ts';
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
  await workOnAll(parts, deletionIn('stopped', parts), { sandboxes: stopped, leftOut: [] });
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
