import * as vscode from 'vscode';
import { firstFree } from '../../common/text.ts';
import { accountActions, type AccountAction } from '../../sandboxes/accountActions.ts';
import { checkKeyText } from '../../sandboxes/accountInput.ts';
import type { AccountSettings, AccountView } from '../../sandboxes/account.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import { isNode } from '../explorer/nodes.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { waitFor, withProgress } from '../progress.ts';
import { choose, type, typeSecret } from '../wizard.ts';

const maxName = 64;

export async function renameAccount(parts: Parts, argument: unknown): Promise<void> {
  const view = await accountOf(parts, 'renameAccount', argument);
  if (!view) return;
  const { id, name } = view.account;
  const step = { title: 'Rename Account', placeholder: name };
  const typed = await type(step, name, checkAccountName);
  if (typeof typed === 'string') await parts.accounts.rename(id, typed.trim());
}

/** Takes another key for an account, once it is proved; it is how to sign in again, too. */
export async function replaceKey(parts: Parts, argument: unknown): Promise<void> {
  const view = await accountOf(parts, 'replaceKey', argument);
  const account = view && parts.accounts.settingsOf(view.account.id);
  if (!account) return;
  const step = { title: `New Key for ${message(account.name)}`, placeholder: 'API key', prompt: keyPrompt };
  const key = await typeSecret(step, checkKeyText, trialOf(parts, account));
  if (typeof key !== 'string') return;
  await parts.accounts.replaceKey(account.id, key);
  await parts.fleet.account(account.id).refresh();
}

export async function signOut(parts: Parts, argument: unknown): Promise<void> {
  const view = await accountOf(parts, 'signOut', argument);
  if (!view) return;
  const { id } = view.account;
  const answer = await confirmSignOut(view, await parts.ssh.countOf(id));
  if (!answer) return;
  // First, since it may fail: with the account there it can be tried again.
  if (answer.removesHosts) await parts.ssh.forgetAccount(id);
  await parts.memory.forget(id);
  await parts.accounts.signOut(id);
}

/** @param hosts how many SSH hosts lead to sandboxes of the account */
async function confirmSignOut({ account, provider }: AccountView, hosts: number) {
  const unlisted = provider?.adopt
    ? ' The service has no list of them: note the IDs of those that you want to find again.'
    : '';
  const leaving =
    'The account goes from every window, and its key from this computer. Its sandboxes and snapshots stay at the ' +
    `service, and go on until their time is over.${unlisted}`;
  const has = hosts === 1 ? '1 SSH host of this editor leads' : `${hosts} SSH hosts of this editor lead`;
  const staying = `${has} to its sandboxes. Hosts that stay work until their access expires: without the key, nothing renews it.`;
  const detail = hosts > 0 ? `${leaving}\n\n${staying}` : leaving;
  const [thorough, plainly] = ['Sign Out and Remove SSH Hosts', 'Sign Out'];
  const buttons = hosts > 0 ? [thorough, plainly] : [plainly];
  const question = `Sign out of ${message(account.name)}?`;
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, ...buttons);
  return answer === thorough || answer === plainly ? { removesHosts: answer === thorough } : undefined;
}

export const moveAccount =
  (action: 'moveAccountUp' | 'moveAccountDown') =>
  async (parts: Parts, argument: unknown): Promise<void> => {
    const view = await accountOf(parts, action, argument);
    if (view) await parts.accounts.move(view.account.id, action === 'moveAccountUp' ? -1 : 1);
  };

/** Shows a sandbox that was made elsewhere, where the service does not list it. */
export async function addSandboxById(parts: Parts, argument: unknown): Promise<void> {
  const view = await accountOf(parts, 'addSandboxById', argument);
  if (!view) return;
  const step = {
    title: `Add Sandbox to ${message(view.account.name)}`,
    placeholder: 'ID of the sandbox',
    prompt:
      'The service has no list of its sandboxes: it shows those that you made here, or add by their ID.',
  };
  const id = await type(step, '', checkId);
  if (typeof id !== 'string') return;
  const account = parts.fleet.account(view.account.id);
  const sandbox = await withProgress(`Looking for ${message(id)}…`, (signal) =>
    account.adopt(id.trim(), { signal }),
  );
  await parts.view.reveal(sandbox);
}

const checkId = (text: string) => (text.trim() ? undefined : 'Type or paste the ID.');

/**
 * The account that a command is meant for: that of its row, the only one that it is possible for, or the one that the
 * user picks.
 */
export async function accountOf(
  { accounts, fleet }: Parts,
  action: AccountAction,
  argument: unknown,
): Promise<AccountView | undefined> {
  if (isNode(argument) && argument.kind === 'account') return argument.view;
  if (isNode(argument) && argument.kind === 'failure') return fleet.account(argument.accountId).view();
  await accounts.heedOthers();
  // Until an account was used, nobody knows what its service has.
  const open = fleet.views().map(({ account }) =>
    fleet
      .account(account.id)
      .provider()
      .catch(() => undefined),
  );
  await waitFor('Opening the accounts…', Promise.all(open));
  const views = fleet.views();
  const able = views.filter((view) => accountActions(view, views).has(action));
  if (able.length === 0) {
    void vscode.window.showInformationMessage('There is no account that this can be done with.');
  }
  if (able.length < 2) return able[0];
  const picked = await choose({ title: 'Account', placeholder: 'Choose the account' }, able.map(choiceOf));
  return typeof picked === 'symbol' ? undefined : picked;
}

export const choiceOf = (view: AccountView) => ({
  label: message(view.account.name),
  description: view.account.provider,
  value: view,
});

export const keyPrompt = 'It is tried before it is kept, in the secret storage of this editor.';

export const trialOf =
  (parts: Parts, account: AccountSettings) => async (key: string, signal: AbortSignal) => {
    try {
      await parts.accounts.check(account, key, signal);
      return undefined;
    } catch (thrown) {
      return message(explain(ProviderError.from(thrown)));
    }
  };

export function checkAccountName(text: string): string | undefined {
  const { length } = text.trim();
  return length >= 1 && length <= maxName ? undefined : `A name has 1 to ${maxName} characters.`;
}

export function freeAccountName({ fleet }: Parts, stem: string): string {
  const taken = new Set(fleet.views().map(({ account }) => account.name));
  return firstFree(stem, (name) => taken.has(name), ' ');
}
