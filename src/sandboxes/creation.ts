import type { AccountFleet } from './accountFleet.ts';
import { newName } from './createInput.ts';
import type { Fleet } from './fleet.ts';
import type { CreateRequest } from './provider.ts';
import type { Sandbox } from './sandbox.ts';
import type { RestoreRequest } from './snapshots.ts';

/** What a sandbox is made of: a template, or a snapshot. */
export type Origin = CreateRequest | RestoreRequest;

/** The name of the template or the snapshot. */
export const sourceOf = (origin: Origin): string => ('template' in origin ? origin.template : origin.name);

/** A name for a new sandbox that no other one of the account has. */
export async function freeName(account: AccountFleet, template: string): Promise<string> {
  // Without a list no name is known to be free.
  if (account.view().listedAt === undefined) await account.refresh();
  return newName(
    template,
    account.view().sandboxes.map(({ name }) => name),
  );
}

/**
 * Has a sandbox made, names it, and resolves when it is ready; called twice it makes two.
 * @param make Makes it, such as of a snapshot.
 */
export async function makeNamed(
  fleet: Fleet,
  { accountId, name }: { readonly accountId: string; readonly name: string },
  make: () => Promise<Sandbox>,
  signal?: AbortSignal,
): Promise<Sandbox> {
  const account = fleet.account(accountId);
  try {
    const made = await make();
    // A name that only this window could be told of does not make the sandbox any less.
    await fleet.rename(made, name).catch(() => undefined);
    await account.settled(made.id, signal);
    return account.find(made.id) ?? made;
  } catch (thrown) {
    // It may have been made all the same: the list tells.
    void account.refresh();
    throw thrown;
  }
}
