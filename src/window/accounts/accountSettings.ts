import * as vscode from 'vscode';
import { accountFields, type AccountSettings } from '../../sandboxes/account.ts';
import { SettingError } from '../settings.ts';

const section = 'sandboxExplorer';
const setting = 'accounts';

export const timeoutRange = { min: 1, max: 3600 };

/** Whether a change of the configuration is one of the accounts. */
export const concernsAccounts = (event: vscode.ConfigurationChangeEvent): boolean =>
  event.affectsConfiguration(`${section}.${setting}`);

/**
 * The accounts in the user's order. The list may have been written by hand: what has no ID of its own is no account,
 * and what else is wrong with one is told when it is used.
 */
export const readAccounts = (): AccountSettings[] => entries().flatMap(({ account }) => account ?? []);

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

/**
 * Writes the list anew. What is no account stays, and what else the user has written of one stays with it.
 * @throws Error when VS Code cannot write the settings
 */
export async function writeAccounts(accounts: readonly AccountSettings[]): Promise<void> {
  const before = entries();
  const known = new Map(before.flatMap((entry) => (entry.account ? [[entry.account.id, entry]] : [])));
  const written = accounts.map((account) => merge(account, known.get(account.id)));
  const kept = new Set(accounts.map(({ id }) => id));
  // A second entry of an account that goes would take its place.
  const isGone = (id: string) => known.has(id) && !kept.has(id);
  const others = before.filter(({ account, raw }) => !account && !isGone(idOf(raw)));
  const value = [...written, ...others.map(({ raw }) => raw)];
  await vscode.workspace.getConfiguration(section).update(setting, value, vscode.ConfigurationTarget.Global);
}

interface Entry {
  /** As the user has written it. */
  readonly raw: unknown;
  /** Missing where it is none. */
  readonly account: AccountSettings | undefined;
}

function entries(): Entry[] {
  const value: unknown = vscode.workspace.getConfiguration(section).get(setting);
  const seen = new Set(['local']);
  return (Array.isArray(value) ? value : []).map((raw: unknown) => {
    const id = idOf(raw);
    if (!/^[\w-]{1,64}$/.test(id) || seen.has(id)) return { raw, account: undefined };
    seen.add(id);
    return { raw, account: understand(id, fieldsOf(raw)) };
  });
}

const understand = (id: string, fields: Fields): AccountSettings => ({
  id,
  name: text(fields['name']) || id,
  provider: text(fields['provider']),
  baseUrl: text(fields['baseUrl']) || undefined,
  sandboxDomain: text(fields['sandboxDomain']) || undefined,
  authHeader: text(fields['authHeader']) || undefined,
  bearer: typeof fields['bearer'] === 'boolean' ? fields['bearer'] : undefined,
  requestTimeout: typeof fields['requestTimeout'] === 'number' ? fields['requestTimeout'] : undefined,
});

/** Only what has changed is written over what the user has written. */
function merge(account: AccountSettings, entry: Entry | undefined): Fields {
  const changed = accountFields.filter((field) => account[field] !== entry?.account?.[field]);
  return { ...fieldsOf(entry?.raw), ...Object.fromEntries(changed.map((field) => [field, account[field]])) };
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (raw: unknown): Fields => (typeof raw === 'object' && raw ? (raw as Fields) : {});
const idOf = (raw: unknown): string => text(fieldsOf(raw)['id']);
const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
