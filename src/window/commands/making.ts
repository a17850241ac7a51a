import { freeName, makeNamed, sourceOf, type Origin } from '../../sandboxes/creation.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';
import { withRoom } from './makeRoom.ts';

export interface Making {
  readonly accountId: string;
  readonly origin: Origin;
  /** The next free one where it is missing. */
  readonly name: string | undefined;
}

/**
 * Makes a sandbox and shows it. Never rejects: the message about a failure offers to try the very same again, which
 * makes no second one where the first is known to have been made.
 * @param remedies further buttons of that message
 */
export async function makeSandbox(
  parts: Parts,
  { accountId, origin, name }: Making,
  remedies: Readonly<Record<string, () => void>> = {},
): Promise<Sandbox | undefined> {
  const account = parts.fleet.account(accountId);
  let made: Sandbox | undefined;
  const make = async (signal: AbortSignal): Promise<Sandbox> => {
    if (made) return made;
    made = await ('template' in origin
      ? account.create(origin, { signal })
      : account.restore(origin, { signal }));
    await keep(parts, made, origin);
    return made;
  };
  const task = async () => {
    const label =
      name ?? (made && account.find(made.id)?.name) ?? (await freeName(account, sourceOf(origin)));
    const title = 'template' in origin ? `Creating ${message(label)}…` : `Restoring ${message(origin.name)}…`;
    return withProgress(title, async (signal) => {
      const sandbox = await makeNamed(parts.fleet, { accountId, name: label }, () => make(signal), signal);
      await parts.view.reveal(sandbox);
      return sandbox;
    });
  };
  return withRoom(parts, accountId, task, remedies);
}

/** What cannot be kept is not offered the next time; the sandbox is there all the same. */
async function keep({ fleet, memory, log }: Parts, sandbox: Sandbox, origin: Origin): Promise<void> {
  const account = fleet.account(sandbox.accountId);
  try {
    await memory.keepOrigin(sandbox, origin);
    if ('template' in origin) {
      const { createLimits } = await account.provider();
      await memory.rememberTemplate(sandbox.accountId, origin.template, createLimits);
    }
    await memory.forgetGone(account.view());
  } catch (error) {
    log.warn(`What ${sandbox.id} was made of could not be kept: ${String(error)}`);
  }
}
