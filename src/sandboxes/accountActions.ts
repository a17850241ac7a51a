import type { AccountView } from './account.ts';

/** What can be done with an account; also the words of the tree's context values and of the commands. */
export type AccountAction =
  | 'addSandboxById'
  | 'restoreSnapshot'
  | 'copyEnvironment'
  | 'renameAccount'
  | 'replaceKey'
  | 'moveAccountUp'
  | 'moveAccountDown'
  | 'signOut';

/** What may be done with an account, given all accounts in their order. The account of this machine stays as it is. */
export function accountActions(view: AccountView, views: readonly AccountView[]): ReadonlySet<AccountAction> {
  const own = views.filter(isOwn).map(({ account }) => account.id);
  const place = own.indexOf(view.account.id);
  const allowed: Record<AccountAction, boolean> = {
    addSandboxById: view.provider?.adopt !== undefined,
    restoreSnapshot: view.provider?.snapshots !== undefined,
    copyEnvironment: view.provider?.openListener !== undefined,
    renameAccount: isOwn(view),
    replaceKey: isOwn(view),
    moveAccountUp: place > 0,
    moveAccountDown: place >= 0 && place < own.length - 1,
    signOut: isOwn(view),
  };
  return new Set((Object.keys(allowed) as AccountAction[]).filter((action) => allowed[action]));
}

/** Whether the user has added it. */
const isOwn = ({ account }: AccountView): boolean => account.provider !== 'local';
