import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import { plain } from '../../common/text.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { Survey } from '../../ssh/config/survey.ts';
import type { IncludePlan } from '../../ssh/config/userConfig.ts';
import type { Parts } from '../parts.ts';
import { expandHome } from '../settings.ts';
import type { Resolver } from './resolver.ts';
import { readingConfig } from './survey.ts';

const add = 'Add';
const notNow = 'Not Now';

/**
 * Sees to it that our hosts are in the user's SSH config, which is written only after they said so.
 * @param resolver The extension that must find them, too; its setting is read, never changed.
 * @returns whether they are
 */
export async function askToInclude(parts: Parts, survey: Survey, resolver?: Resolver): Promise<boolean> {
  const { ssh } = parts;
  const plans = await readingConfig(plan(parts, survey, editorsConfig(resolver)));
  if (plans.length === 0) return true;
  const isAgreed = await agree(plans);
  await ssh.memory.setDeclinesInclude(!isAgreed);
  if (isAgreed) await survey.include(plans);
  return isAgreed;
}

/**
 * What is to be written. An editor that reads a config of its own finds the host there, whatever keeps ours out of the
 * user's.
 * @throws ProviderError when the config that matters cannot get the line
 */
async function plan(
  { ssh, log }: Parts,
  survey: Survey,
  editors: string | undefined,
): Promise<IncludePlan[]> {
  const { configFile } = await ssh.integration();
  if (editors === undefined || editors === configFile) return await survey.plan(configFile);
  const plans = await survey.plan(configFile).catch((thrown: unknown) => {
    log.warn(`SSH: ${plain(ProviderError.from(thrown).message)}`);
    return [];
  });
  const others = await survey.plan(editors);
  // Two names may lead to one file.
  return [...plans, ...others.filter(({ file }) => plans.every((one) => one.file !== file))];
}

/**
 * Adds the line to a config by which `ssh` does not find the host, after asking. @returns whether it has it now
 * @throws ProviderError when the line is there, and `ssh` does not follow it
 */
export async function includeIn(survey: Survey, file: string): Promise<boolean> {
  const plans = await readingConfig(survey.plan(file));
  if (plans.length === 0) {
    throw new ProviderError('invalid', `ssh does not follow the line that ${file} has already.`, {
      advice: `Run “ssh -v -G ${survey.host}” in a terminal: it says which files it reads.`,
    });
  }
  const isAgreed = await agree(plans);
  if (isAgreed) await survey.include(plans);
  return isAgreed;
}

/**
 * The config that the editor starts `ssh` with, where that is another one than `ssh` reads. Of a path that is not
 * absolute only the editor can tell what it makes of it.
 */
export function editorsConfig(resolver: Resolver | undefined): string | undefined {
  if (!resolver?.usesConfigFile) return undefined;
  const file = vscode.workspace.getConfiguration(resolver.section).get('configFile');
  const path = typeof file === 'string' ? expandHome(file.trim()) : '';
  return isAbsolute(path) ? path : undefined;
}

async function agree(plans: readonly IncludePlan[]): Promise<boolean> {
  const chosen = await vscode.window.showInformationMessage(
    'Let Sandbox Explorer add its hosts to your SSH config?',
    { modal: true, detail: detail(plans) },
    { title: add },
    { title: notNow, isCloseAffordance: true },
  );
  return chosen?.title === add;
}

function detail(plans: readonly IncludePlan[]): string {
  const lines = plans.map(({ file, line, exists }) => `${file}${exists ? '' : ' (a new file)'}:\n${line}`);
  return [
    `This line goes to the top of ${plans.length === 1 ? 'the file' : 'each file'}, and nothing else is changed:`,
    ...lines,
    'Sandbox: Remove SSH Integration… takes it out again.',
  ].join('\n\n');
}
