import * as vscode from 'vscode';
import type { AccountView } from '../../sandboxes/account.ts';
import { actions, type Action } from '../../sandboxes/actions.ts';
import { describe } from '../../sandboxes/describe.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { isNode } from '../explorer/nodes.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';

/** The argument of a keybinding: the command is meant for the row that is selected. */
export const selection = 'selection';

/**
 * The sandbox that a command is meant for: the row it was called on, the row that is selected, or the one that the
 * user picks from those that the action is possible for. Nothing when the user picks none.
 */
export async function targetOf(
  parts: Parts,
  action: Action,
  argument: unknown,
): Promise<Sandbox | undefined> {
  const node = argument === selection ? parts.view.selection[0] : argument;
  if (isNode(node) && node.kind === 'sandbox') return parts.fleet.find(node.sandbox.key) ?? node.sandbox;
  if (argument === selection) return undefined;
  return pick(parts, action);
}

async function pick({ fleet }: Parts, action: Action): Promise<Sandbox | undefined> {
  const items = await withProgress('Reading the list of sandboxes…', async () => {
    await fleet.refresh();
    return candidates(fleet.views(), action);
  });
  const placeHolder = placeHolders[action];
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.sandbox;
}

interface Candidate extends vscode.QuickPickItem {
  readonly sandbox: Sandbox | undefined;
}

/** @throws ProviderError when there is none because a list could not be read. */
function candidates(views: readonly AccountView[], action: Action): Candidate[] {
  const items = views.flatMap(({ account, provider, sandboxes }) =>
    sandboxes
      .filter((sandbox) => provider && actions(sandbox, provider).has(action))
      .map((sandbox) => ({
        label: message(sandbox.name),
        description: describe(sandbox, Date.now()),
        detail: `${account.name} · ${message(sandbox.id)}`,
        sandbox,
      })),
  );
  if (items.length > 0) return items;
  const failure = views.find(({ error }) => error)?.error;
  if (failure) throw failure;
  return [{ label: `There is no sandbox to ${verbs[action]}.`, sandbox: undefined }];
}

const verbs: Readonly<Record<Action, string>> = {
  openTerminal: 'open a terminal in',
  pause: 'pause',
  resume: 'resume',
  stop: 'stop',
  start: 'start',
  delete: 'delete',
  rename: 'rename',
  copyId: 'copy the ID of',
};

const placeHolders = Object.fromEntries(
  Object.entries(verbs).map(([action, verb]) => [action, `Choose the sandbox to ${verb}`]),
) as Record<Action, string>;
