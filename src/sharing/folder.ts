import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../common/log.ts';
import type { Board, Sharing } from '../sandboxes/sharing.ts';
import { lock } from '../common/lock.ts';
import * as schemas from './schemas.ts';
import { SharedFile } from './sharedFile.ts';

/** Of a list with many pages, from a slow service; nobody waits longer than this for another window's. */
const turnMs = { stale: 5_000, wait: 60_000 };
/** What is written otherwise gets a folder of its own, so that two versions can be in use at once. */
const format = 'shared-1';

export interface SharingOptions {
  /** A folder that all windows of an installation have, such as the extension's global storage. */
  readonly folder: string;
  readonly log: Log;
}

/** What the windows of an installation have in common, in files that only the user may read. */
export function openSharing({ folder, log }: SharingOptions): Sharing {
  const root = join(folder, format);
  const complain = complainOnce(root, log);
  return {
    names: new SharedFile(join(root, 'names.json'), schemas.names, complain),
    accounts: {
      // Older builds write an `accounts.json` of another shape, and would set one of this shape aside.
      list: new SharedFile(join(root, 'accounts-2.json'), schemas.accounts, complain),
      inTurn: (task) => inTurn(root, task),
    },
    accountData: (accountId) =>
      new SharedFile(join(root, nameOf(accountId), 'account.json'), schemas.accountData, complain),
    forget: (accountId) =>
      rm(join(root, nameOf(accountId)), { recursive: true, force: true }).catch(() => undefined),
    board: (accountId, service) => {
      const own = join(root, nameOf(accountId), nameOf(service));
      return {
        list: new SharedFile(join(own, 'list.json'), schemas.list, complain),
        news: new SharedFile(join(own, 'news.json'), schemas.news, complain),
        inTurn: (task) => inTurn(own, task),
      } satisfies Board;
    },
  };
}

async function inTurn<T>(folder: string, task: () => Promise<T>): Promise<T> {
  const release = await mkdir(folder, { recursive: true, mode: 0o700 })
    .then(() => lock(join(folder, 'turn.lock'), turnMs))
    .catch(() => undefined);
  try {
    return await task();
  } finally {
    await release?.();
  }
}

/** An account's id, or a service's, may hold anything, and not every file system can tell upper case from lower. */
const nameOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 16);

/** A folder that cannot be written stays so for every file and every time. */
function complainOnce(folder: string, log: Log): (problem: unknown) => void {
  let said = false;
  return (problem) => {
    if (said) return;
    said = true;
    const reason = problem instanceof Error ? problem.message : String(problem);
    log.warn(`Windows cannot share what they know: ${folder} cannot be used (${reason})`);
  };
}
