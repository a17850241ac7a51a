import * as vscode from 'vscode';
import { ProviderError, unlessGone } from '../../sandboxes/errors.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { KeptAccess } from '../../ssh/hostRecord.ts';
import type { Action } from '../../sandboxes/actions.ts';
import { copyText } from '../clipboard.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';
import { confirmRegeneration, prepareHost, regenerate } from '../remote/prepareHost.ts';
import { readingConfig, surveyOf } from '../remote/survey.ts';
import { targetOf } from './target.ts';

interface Access {
  readonly sandbox: Sandbox;
  readonly host: string;
  readonly access: KeptAccess;
}

/** The access that is known of a sandbox; where there is none yet, the user is offered to make it. */
async function accessOf(parts: Parts, action: Action, argument: unknown): Promise<Access | undefined> {
  const sandbox = await targetOf(parts, action, argument);
  if (!sandbox) return undefined;
  const known = await keptAccess(parts, sandbox);
  if (known) return known;
  return (await offerAccess(parts, sandbox)) ? keptAccess(parts, sandbox) : undefined;
}

async function keptAccess({ ssh }: Parts, sandbox: Sandbox): Promise<Access | undefined> {
  const known = await (await ssh.integration()).find(sandbox.key);
  return known?.record.access && { sandbox, host: known.host, access: known.record.access };
}

/** @returns whether there is an access now */
async function offerAccess(parts: Parts, sandbox: Sandbox): Promise<boolean> {
  const told = `${message(sandbox.name)} has no SSH access of this editor's yet.`;
  const make = 'Create SSH Access';
  if ((await vscode.window.showInformationMessage(told, make)) !== make) return false;
  return (await prepareHost(parts, sandbox)) !== undefined;
}

export async function copyProviderSshCommand(parts: Parts, argument: unknown): Promise<void> {
  const found = await accessOf(parts, 'copyProviderSshCommand', argument);
  if (!found) return;
  const { command } = found.access;
  await copyText(command, `${message(command)}. The password is in Show SSH Access.`);
}

export async function validateSshAccess(parts: Parts, argument: unknown): Promise<void> {
  const found = await accessOf(parts, 'validateSshAccess', argument);
  if (!found) return;
  const name = message(found.sandbox.name);
  if (await isValid(parts, found)) {
    void vscode.window.showInformationMessage(`The SSH access of ${name} is valid: ${rest(found.access)}.`);
    return;
  }
  const chosen = await vscode.window.showWarningMessage(
    `The SSH access of ${name} is not valid any more.`,
    'Regenerate…',
  );
  if (chosen) await askAndRegenerate(parts, found.sandbox);
}

/** One that the service has forgotten is not valid either. */
const isValid = ({ ssh }: Parts, { sandbox, access }: Access): Promise<boolean> =>
  withProgress(`Validating the SSH access of ${message(sandbox.name)}…`, async (signal) => {
    const api = await ssh.api(sandbox);
    return (await unlessGone(api.validate(sandbox.id, access, { signal }))) ?? false;
  });

export async function regenerateSshAccess(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'regenerateSshAccess', argument);
  if (sandbox) await askAndRegenerate(parts, sandbox);
}

async function askAndRegenerate(parts: Parts, sandbox: Sandbox): Promise<void> {
  if (!(await parts.ssh.knowsAccess(sandbox))) return void (await offerAccess(parts, sandbox));
  if (!(await confirmRegeneration(sandbox))) return;
  await regenerate(parts, sandbox);
  vscode.window.setStatusBarMessage(`The SSH access of ${message(sandbox.name)} is new`, 3000);
}

/** Its host goes, too: by it the next connection would get a new access. */
export async function revokeSshAccess(parts: Parts, argument: unknown): Promise<void> {
  const { ssh } = parts;
  const sandbox = await targetOf(parts, 'revokeSshAccess', argument);
  if (!sandbox) return;
  const name = message(sandbox.name);
  if (!(await ssh.knowsAccess(sandbox))) {
    const told = `${name} has no SSH access of this editor's: one that was made elsewhere can only be revoked there.`;
    return void vscode.window.showInformationMessage(told);
  }
  const detail = 'It ends at once wherever it is in use, and the host of the sandbox leaves your SSH config.';
  const question = `Revoke the SSH access of ${name}?`;
  const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, 'Revoke');
  if (chosen !== 'Revoke') return;
  await withProgress(`Revoking the SSH access of ${name}…`, (signal) => ssh.revoke(sandbox, signal));
  vscode.window.setStatusBarMessage(`The SSH access of ${name} is revoked`, 3000);
}

interface Detail extends vscode.QuickPickItem {
  /** What a click copies. */
  readonly value: string;
}

const mask = '••••••••';
const reveal: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('eye'), tooltip: 'Reveal' };

/** Shows what is known; a click copies it. The password is shown and copied only where the user asks for it. */
export async function showSshAccess(parts: Parts, argument: unknown): Promise<void> {
  const found = await accessOf(parts, 'showSshAccess', argument);
  if (!found) return;
  const { sandbox, access } = found;
  const validity = await isValid(parts, found).then(
    (valid) => (valid ? rest(access) : 'not valid any more'),
    (thrown: unknown) => `not known: ${message(ProviderError.from(thrown).message)}`,
  );
  const integration = await parts.ssh.integration();
  const survey = await surveyOf(parts, sandbox);
  const known = [
    line('$(terminal) Command', await readingConfig(integration.command(survey))),
    {
      label: '$(info) Validity',
      description: validity,
      value: rest(access),
    },
    line('$(server) Host', `${access.host}:${access.port}`),
    line('$(account) User', access.user),
  ];
  const pick = vscode.window.createQuickPick<Detail>();
  const show = (password: string) => {
    const masked = {
      label: '$(key) Password',
      description: password,
      value: access.password,
      buttons: [reveal],
    };
    pick.items = [...known, masked];
  };
  show(mask);
  pick.title = `SSH Access of ${message(sandbox.name)}`;
  pick.placeholder = 'Enter copies what is selected';
  pick.onDidTriggerItemButton(() => show(access.password));
  const chosen = await new Promise<Detail | undefined>((resolve) => {
    pick.onDidAccept(() => resolve(pick.selectedItems[0]));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  // The value may be the password.
  if (chosen) await copyText(chosen.value, chosen.label);
}

const line = (label: string, value: string): Detail => ({ label, description: message(value), value });

/** Until when credentials are good: a time of day, since what says so may stay on the screen. */
function rest({ expiresAt }: KeptAccess): string {
  if (expiresAt === undefined) return 'it does not expire';
  const at = new Date(expiresAt).toLocaleString();
  return `${expiresAt <= Date.now() ? 'expired' : 'expires'} at ${at}`;
}
