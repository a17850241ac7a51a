import * as vscode from 'vscode';
import type { AccountView } from '../../sandboxes/account.ts';
import { actions, type Action } from '../../sandboxes/actions.ts';
import { describe } from '../../sandboxes/describe.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { isNode, type Node } from '../explorer/nodes.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { waitFor } from '../progress.ts';
import type { Targets } from './many.ts';

/** The argument of a keybinding: the command is meant for the rows that are selected. */
export const selection = 'selection';

/**
 * What is never done to a sandbox that the user has not pointed at: it loses what is in memory, and no question of its
 * own names the sandbox first.
 */
const onlyIfPicked: ReadonlySet<Action> = new Set(['stop']);

/**
 * The sandbox that a command is meant for: the row it was called on, the row that is selected, the only one that the
 * action is possible for, or the one that the user picks. Nothing when the user picks none.
 * @throws ProviderError `notFound`, or `conflict` when the action is not possible: before anything else is asked
 */
export async function targetOf(
  parts: Parts,
  action: Action,
  argument: unknown,
): Promise<Sandbox | undefined> {
  const [called] = sandboxesOf(parts, argument);
  const sandbox = called ?? (argument === selection ? undefined : await findTarget(parts, action));
  return sandbox && parts.fleet.account(sandbox.accountId).demand(sandbox.id, action);
}

/**
 * The same for a command that works on several rows; VS Code hands over the row it was called on, then all that are
 * selected. Those that the action is not possible for are left out.
 */
export async function targetsOf(
  parts: Parts,
  action: Action,
  argument: unknown,
  rows: unknown,
): Promise<Targets | undefined> {
  const chosen = sandboxesOf(parts, argument, rows);
  if (chosen.length === 0) {
    const sandbox = await targetOf(parts, action, argument);
    return sandbox && { sandboxes: [sandbox], leftOut: [] };
  }
  const isPossible = (sandbox: Sandbox) => isPossibleFor(parts, action, sandbox);
  return { sandboxes: chosen.filter(isPossible), leftOut: chosen.filter((one) => !isPossible(one)) };
}

/** The sandboxes among the rows that a command was called on, as they are now. */
function sandboxesOf({ fleet, view }: Parts, argument: unknown, rows?: unknown): Sandbox[] {
  const called = Array.isArray(rows) && rows.length > 0 ? rows : [argument];
  const nodes: readonly unknown[] = argument === selection ? view.selection : called;
  return nodes
    .filter((node): node is Node => isNode(node))
    .flatMap((node) => (node.kind === 'sandbox' ? [fleet.find(node.sandbox.key) ?? node.sandbox] : []));
}

function isPossibleFor({ fleet }: Parts, action: Action, sandbox: Sandbox): boolean {
  const { provider } = fleet.account(sandbox.accountId).view();
  return provider !== undefined && actions(sandbox, provider).has(action);
}

/** For a command that was called on no row: asks nothing where there is one answer. */
async function findTarget(parts: Parts, action: Action): Promise<Sandbox | undefined> {
  const { fleet, view } = parts;
  const mayChoose = !onlyIfPicked.has(action);
  const [selected] = view.selection.length === 1 ? sandboxesOf(parts, selection) : [];
  if (mayChoose && selected && isPossibleFor(parts, action, selected)) return selected;
  await waitFor('Reading the list of sandboxes…', fleet.refresh());
  const items = candidates(fleet.views(), action);
  const only = items.length === 1 ? items[0]?.sandbox : undefined;
  // Where another one is selected, the only possible one may not be what is meant.
  if (mayChoose && !selected && only) return only;
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
  snapshot: 'make a snapshot of',
  createAgain: 'make another one of',
  openPort: 'open a port of',
  forwardPort: 'forward a port of',
  copyPortUrl: "copy a port's URL of",
  openInRemoteSsh: 'open in Remote-SSH',
  openInRemoteSshNewWindow: 'open in a new window',
  openFolderInRemoteSsh: 'open a folder of',
  copySshCommand: 'copy the SSH command of',
  copyProviderSshCommand: "copy the provider's SSH command of",
  showSshAccess: 'show the SSH access of',
  validateSshAccess: 'validate the SSH access of',
  regenerateSshAccess: 'regenerate the SSH access of',
  revokeSshAccess: 'revoke the SSH access of',
  showDetails: 'show the details of',
  rename: 'rename',
  copyId: 'copy the ID of',
};

const placeHolders = Object.fromEntries(
  Object.entries(verbs).map(([action, verb]) => [action, `Choose the sandbox to ${verb}`]),
) as Record<Action, string>;
