import type { AccountFleet } from './accountFleet.ts';
import { newName } from './createInput.ts';
import type { Fleet } from './fleet.ts';
import type { CallOptions, CreateRequest } from './provider.ts';
import type { Sandbox } from './sandbox.ts';

/** A name for a new sandbox that no other one of the account has. */
export async function freeName(account: AccountFleet, template: string): Promise<string> {
  // Without a list no name is known to be free.
  if (account.view().listedAt === undefined) await account.refresh();
  return newName(
    template,
    account.view().sandboxes.map(({ name }) => name),
  );
}

/** Makes a sandbox, names it, and resolves when it is ready; called twice it makes two. */
export async function createNamed(
  fleet: Fleet,
  wanted: { readonly accountId: string; readonly request: CreateRequest; readonly name: string },
  options: CallOptions = {},
): Promise<Sandbox> {
  const account = fleet.account(wanted.accountId);
  try {
    const created = await account.create(wanted.request, options);
    // A name that only this window could be told of does not make the sandbox any less.
    await fleet.rename(created, wanted.name).catch(() => undefined);
    await account.settled(created.id, options.signal);
    return account.find(created.id) ?? created;
  } catch (thrown) {
    // It may have been made all the same: the list tells.
    void account.refresh();
    throw thrown;
  }
}
