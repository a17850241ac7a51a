import * as vscode from 'vscode';
import type { Action } from '../../sandboxes/actions.ts';
import { enumerate } from '../../common/text.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import { checkFolder } from '../../sandboxes/sessionInput.ts';
import type { Survey } from '../../ssh/config/survey.ts';
import { copyText } from '../clipboard.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { askToInclude } from '../remote/include.ts';
import { warnTerminals, warnUnwritable } from '../remote/obstacle.ts';
import { openRemote } from '../remote/open.ts';
import { prepareHost } from '../remote/prepareHost.ts';
import { readingConfig, surveyFor, surveyOf } from '../remote/survey.ts';
import { settings } from '../settings.ts';
import { targetOf } from './target.ts';

export const openInRemoteSsh =
  (action: Action, inNewWindow: boolean) =>
  async (parts: Parts, argument: unknown): Promise<void> => {
    const sandbox = await targetOf(parts, action, argument);
    if (sandbox) await openRemote(parts, sandbox, { inNewWindow });
  };

export async function openFolderInRemoteSsh(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'openFolderInRemoteSsh', argument);
  if (!sandbox) return;
  const folder = await vscode.window.showInputBox({
    title: 'Open Folder in Remote-SSH',
    prompt: `A folder in ${message(sandbox.name)}. Leave it empty for a window without one.`,
    placeHolder: '/home/user',
    value: parts.ssh.memory.folderOf(sandbox.key) ?? settings.terminalFolder() ?? '',
    validateInput: checkFolder,
  });
  if (folder === undefined) return;
  await openRemote(parts, sandbox, { folder: folder.trim() || undefined, inNewWindow: true });
}

/** Copies what to type in any terminal of this machine. Whoever wants no line in their config is not asked again. */
export async function copySshCommand(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'copySshCommand', argument);
  if (!sandbox) return;
  const { ssh } = parts;
  const first = await surveyOf(parts, sandbox);
  const host = await prepareHost(parts, sandbox, first);
  if (!host) return;
  const survey = await surveyFor(parts, sandbox, host, first);
  if (!ssh.memory.declinesInclude) await include(parts, survey);
  const integration = await ssh.integration();
  await copyText(await readingConfig(integration.command(survey)));
}

/** A config that cannot get the line, such as one that a tool makes anew, keeps nobody from `ssh -F`. */
async function include(parts: Parts, survey: Survey): Promise<void> {
  try {
    if (await askToInclude(parts, survey)) await warnTerminals(parts, survey);
  } catch (thrown) {
    if (ProviderError.from(thrown).kind === 'cancelled') throw thrown;
    warnUnwritable(parts, thrown);
  }
}

/** Takes out of the SSH config, and of our folder, all that came of this installation. */
export async function removeSshIntegration({ ssh }: Parts): Promise<void> {
  const detail =
    'The line in your SSH config, the hosts of your sandboxes, their credentials and the folder ' +
    '~/.ssh/sandbox-explorer are removed. The sandboxes stay as they are.';
  const question = 'Remove the SSH integration of Sandbox Explorer?';
  const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, 'Remove');
  if (chosen !== 'Remove') return;
  const others = await ssh.removeEverything();
  const told =
    others.length === 0
      ? 'The SSH integration is removed.'
      : `The hosts of this editor are removed. The rest stays for ${message(enumerate(others))}.`;
  void vscode.window.showInformationMessage(told);
}
