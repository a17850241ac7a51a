import * as vscode from 'vscode';
import { freeAccountName } from '../commands/accounts.ts';
import { showFailure } from '../failures.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';

const offered = 'leap0EnvironmentOffered';

/** Offers, once ever, to make an account of what the environment says of Leap0. */
export async function offerEnvironment(
  parts: Parts,
  storage: vscode.Memento,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const key = environment['LEAP0_API_KEY']?.trim();
  if (!key || parts.accounts.count > 0 || storage.get(offered)) return;
  parts.log.hide(key);
  await storage.update(offered, true);
  const add = 'Add Account';
  const question = 'LEAP0_API_KEY is set in the environment of this editor. Add a Leap0 account with it?';
  const answer = await vscode.window.showInformationMessage(question, add, 'Not Now');
  if (answer === add) await addFromEnvironment(parts, key, environment);
}

async function addFromEnvironment(parts: Parts, key: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const account = {
    name: freeAccountName(parts, 'Leap0'),
    provider: 'leap0',
    baseUrl: environment['LEAP0_BASE_URL']?.trim() || undefined,
    sandboxDomain: environment['LEAP0_SANDBOX_DOMAIN']?.trim() || undefined,
  };
  try {
    await withProgress('Trying the key…', (signal) =>
      parts.accounts.check({ ...account, id: '' }, key, signal),
    );
    await parts.accounts.add(account, key);
    await parts.view.refresh();
  } catch (thrown) {
    await showFailure(parts.log, thrown, () => void addFromEnvironment(parts, key, environment));
  }
}
