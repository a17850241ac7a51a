import * as vscode from 'vscode';
import type { AccountSettings } from '../../sandboxes/account.ts';
import { SettingError } from '../settings.ts';

const section = 'sandboxExplorer';
const setting = 'accounts';

export const timeoutRange = { min: 1, max: 3600, default: 60 };

/** Whether a change of the configuration is one of the accounts. */
export const concernsAccounts = (event: vscode.ConfigurationChangeEvent): boolean =>
  event.affectsConfiguration(`${section}.${setting}`);

/**
 * The accounts in the user's order. The list may have been written by hand: what has no ID of its own is no account,
 * and what else is wrong with one is told when it is used.
 */
export function readAccounts(): AccountSettings[] {
  const seen = new Set<string>();
  return rawAccounts().flatMap((entry) => {
    const id = text(entry['id']);
    if (!/^[\w-]{1,64}$/.test(id) || id === 'local' || seen.has(id)) return [];
    seen.add(id);
    return {
      id,
      name: text(entry['name']) || id,
      provider: text(entry['provider']),
      baseUrl: text(entry['baseUrl']) || undefined,
      sandboxDomain: text(entry['sandboxDomain']) || undefined,
      requestTimeout: typeof entry['requestTimeout'] === 'number' ? entry['requestTimeout'] : undefined,
    };
  });
}

/** @throws SettingError when the account cannot be used as it is described */
export function checkAccount({ name, provider, requestTimeout }: AccountSettings): void {
  if (provider !== 'leap0') {
    throw new SettingError(setting, `names the provider “${provider}” for ${name}; there is only leap0.`);
  }
  const isInRange = (seconds: number) => seconds >= timeoutRange.min && seconds <= timeoutRange.max;
  if (requestTimeout === undefined || isInRange(requestTimeout)) return;
  const { min, max } = timeoutRange;
  throw new SettingError(setting, `has a requestTimeout for ${name} that is not ${min} to ${max} seconds.`);
}

/** Writes the list anew; what in it is no account stays. */
export async function writeAccounts(accounts: readonly AccountSettings[]): Promise<void> {
  const known = new Set(readAccounts().map(({ id }) => id));
  const others = rawAccounts().filter((entry) => !known.has(text(entry['id'])));
  await vscode.workspace
    .getConfiguration(section)
    .update(setting, [...accounts, ...others], vscode.ConfigurationTarget.Global);
}

function rawAccounts(): Record<string, unknown>[] {
  const value: unknown = vscode.workspace.getConfiguration(section).get(setting);
  const entries: unknown[] = Array.isArray(value) ? value : [];
  return entries.filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && !!entry);
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
