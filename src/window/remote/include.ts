import * as vscode from 'vscode';
import type { IncludePlan } from '../../ssh/config/userConfig.ts';
import type { Parts } from '../parts.ts';
import { expandHome } from '../settings.ts';
import type { Resolver } from './resolver.ts';

const add = 'Add';
const notNow = 'Not Now';

/**
 * Sees to it that our hosts are in the user's SSH config, which is written only after they said so.
 * @param resolver The extension that must find them, too; its setting is read, never changed.
 * @returns whether they are
 */
export async function askToInclude({ ssh }: Parts, resolver?: Resolver): Promise<boolean> {
  const integration = await ssh.integration();
  const files = [...new Set([integration.configFile, ...editorsConfig(resolver)])];
  const plans = await integration.plan(files);
  if (plans.length === 0) return true;
  const chosen = await vscode.window.showInformationMessage(
    'Let Sandbox Explorer add its hosts to your SSH config?',
    { modal: true, detail: detail(plans) },
    { title: add },
    { title: notNow, isCloseAffordance: true },
  );
  await ssh.memory.setDeclinesInclude(chosen?.title !== add);
  if (chosen?.title !== add) return false;
  await integration.include(files);
  return true;
}

/** The config that the editor starts `ssh` with, where that is another one than `ssh` reads. */
function editorsConfig(resolver: Resolver | undefined): string[] {
  if (!resolver?.usesConfigFile) return [];
  const file = vscode.workspace.getConfiguration(resolver.section).get('configFile');
  return typeof file === 'string' && file.trim() !== '' ? [expandHome(file.trim())] : [];
}

function detail(plans: readonly IncludePlan[]): string {
  const lines = plans.map(({ file, line, exists }) => `${file}${exists ? '' : ' (a new file)'}:\n${line}`);
  return [
    `This line goes to the top of ${plans.length === 1 ? 'the file' : 'each file'}, and nothing else is changed:`,
    ...lines,
    'Sandbox: Remove SSH Integration… takes it out again.',
  ].join('\n\n');
}
