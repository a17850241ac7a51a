import * as vscode from 'vscode';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { Survey } from '../../ssh/config/survey.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';

/** The sandboxes whose hosts this window is preparing, by their keys: each as often as it does. */
const underWay: string[] = [];

/**
 * Gives a sandbox its host and good credentials. Nothing when the user leaves those alone that somebody else made.
 * @param survey One that has looked at the user's configs already.
 */
export async function prepareHost(
  parts: Parts,
  sandbox: Sandbox,
  survey?: Survey,
): Promise<string | undefined> {
  const { key } = sandbox;
  let host: string | undefined;
  underWay.push(key);
  try {
    host = await setUp(parts, sandbox, survey);
  } finally {
    underWay.splice(underWay.indexOf(key), 1);
    // One that waits for its turn is about to use it.
    if (host === undefined && !underWay.includes(key)) await parts.ssh.forgetUnused(sandbox);
  }
  return host;
}

async function setUp(parts: Parts, sandbox: Sandbox, survey?: Survey): Promise<string | undefined> {
  const attempt = () =>
    withProgress(`Setting up SSH for ${message(sandbox.name)}…`, (signal) =>
      parts.ssh.setUp(sandbox, signal, survey),
    );
  try {
    return await attempt();
  } catch (thrown) {
    const error = ProviderError.from(thrown);
    if (error.kind !== 'conflict' || !(await parts.ssh.knowsAccess(sandbox))) throw thrown;
    if (!(await confirmRegeneration(sandbox, error))) return undefined;
    await regenerate(parts, sandbox);
    return await attempt();
  }
}

/** Makes new credentials, which ends the old ones: only after `confirmRegeneration`. */
export async function regenerate({ ssh }: Parts, sandbox: Sandbox): Promise<void> {
  await withProgress(`Regenerating the SSH access of ${message(sandbox.name)}…`, (signal) =>
    ssh.regenerate(sandbox, signal),
  );
}

/** @param conflict Why there is none of ours, if that is why it is asked. */
export async function confirmRegeneration(sandbox: Sandbox, conflict?: ProviderError): Promise<boolean> {
  const name = message(sandbox.name);
  const question = conflict
    ? `The SSH access of ${name} was made elsewhere. Regenerate it?`
    : `Regenerate the SSH access of ${name}?`;
  const detail = [
    ...(conflict ? [message(explain(new ProviderError(conflict.kind, conflict.message)))] : []),
    'A new password is made, and the old one ends at once, wherever it is in use.',
  ].join('\n\n');
  const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, 'Regenerate');
  return chosen === 'Regenerate';
}
