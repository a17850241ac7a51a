import * as vscode from 'vscode';
import { describe } from '../../sandboxes/describe.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { sleeps } from '../../sandboxes/wake.ts';
import { showFailure } from '../failures.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { waitFor } from '../progress.ts';
import { chooseSome } from '../wizard.ts';
import { deletion } from './deletion.ts';
import { workOnAll } from './many.ts';

/**
 * Does what an account's limit may refuse. Never rejects: a failure is shown, with buttons that make room where there is
 * none, and do the very same again.
 * @param remedies further buttons
 */
export async function withRoom<T>(
  parts: Parts,
  accountId: string,
  task: () => Promise<T>,
  remedies: Readonly<Record<string, () => void>> = {},
): Promise<T | undefined> {
  try {
    return await task();
  } catch (thrown) {
    const error = ProviderError.from(thrown);
    const again = () => void withRoom(parts, accountId, task, remedies);
    const room = error.limitReached && roomRemedy(parts, accountId, again);
    void showFailure(parts.log, error, room ? undefined : again, { ...room, ...remedies });
    return undefined;
  }
}

/**
 * The button of a message about a limit.
 * @param wanted the sandboxes that the room is for: nobody wants to make it by deleting these
 */
export function roomRemedy(
  parts: Parts,
  accountId: string,
  again: () => void,
  wanted: readonly Sandbox[] = [],
): Record<string, () => void> {
  const makeRoom = () => {
    chooseAndDelete(parts, accountId, wanted, again).catch((thrown: unknown) =>
      showFailure(parts.log, thrown, makeRoom),
    );
  };
  return { 'Make Room…': makeRoom };
}

/** The pick is the consent: nothing is deleted that was not picked. */
async function chooseAndDelete(
  parts: Parts,
  accountId: string,
  wanted: readonly Sandbox[],
  again: () => void,
): Promise<void> {
  const account = parts.fleet.account(accountId);
  await waitFor('Reading the list of sandboxes…', account.refresh());
  const keys = new Set(wanted.map(({ key }) => key));
  const resting = account
    .view()
    .sandboxes.filter(({ key, state }) => sleeps(state) && !keys.has(key))
    .toSorted((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0));
  if (resting.length === 0) {
    const { name } = account.account;
    const told = `Nothing in ${name} is paused or stopped that could make room: delete a sandbox that runs instead.`;
    void vscode.window.showInformationMessage(message(told));
    return;
  }
  const chosen = await chooseSome<Sandbox>(
    {
      title: `Make Room in ${message(account.account.name)}: Oldest First`,
      placeholder: 'Choose what is deleted with all that is in it',
    },
    resting.map((sandbox) => ({
      label: message(sandbox.name),
      description: describe(sandbox, Date.now()),
      detail:
        sandbox.createdAt === undefined ? '' : `created ${new Date(sandbox.createdAt).toLocaleString()}`,
      value: sandbox,
    })),
  );
  if (!chosen || chosen.length === 0) return;
  if ((await deleteResting(parts, chosen)) === 0) return;
  const button = 'Try Again';
  const answer = await vscode.window.showInformationMessage('There may be room now.', button);
  if (answer === button) again();
}

/**
 * Deletes those that still rest: what somebody has started since the pick is not what was picked.
 * @returns how many are gone
 */
async function deleteResting(parts: Parts, sandboxes: readonly Sandbox[]): Promise<number> {
  const work = deletion(parts);
  let gone = 0;
  const runIfResting = async (sandbox: Sandbox, signal: AbortSignal) => {
    const now = await parts.fleet.account(sandbox.accountId).confirm(sandbox.id);
    if (now && now.state !== 'deleting' && !sleeps(now.state)) {
      throw new ProviderError('conflict', `${now.name} is ${now.state} by now, and was kept.`);
    }
    if (now && now.state !== 'deleting') await work.run(now, signal);
    gone++;
  };
  await workOnAll(parts, { ...work, run: runIfResting }, { sandboxes, leftOut: [] });
  return gone;
}
