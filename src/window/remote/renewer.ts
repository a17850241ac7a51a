import type * as vscode from 'vscode';
import type { AccountFleet } from '../../sandboxes/accountFleet.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { CallOptions, SshAccessApi } from '../../sandboxes/provider.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import { sleeps, wake } from '../../sandboxes/wake.ts';
import type { HostRecord } from '../../ssh/hostRecord.ts';
import type { RenewalOptions } from '../../ssh/renewal/server.ts';
import type { WindowLog } from '../log.ts';
import { openLocal } from '../network.ts';
import { settings } from '../settings.ts';
import type { SshMemory } from './memory.ts';

/**
 * How this window gets fresh credentials for whoever connects by `ssh`. A sandbox that sleeps is only woken when the
 * user has said so of its account: what connects may be a tool that does so all day.
 */
export function renewer(
  context: vscode.ExtensionContext,
  fleet: Fleet,
  memory: SshMemory,
  log: WindowLog,
): RenewalOptions['renew'] {
  return async (_, record, signal, book) => {
    const { renewAccess } = await import('../../providers/index.ts');
    const { dataFolder } = record;
    // Another editor's engine may be another one; ours could not tell of its sandboxes.
    if (dataFolder !== undefined && dataFolder !== settings.localDataFolder()) {
      const provider = await openLocal(context, log, dataFolder);
      try {
        return await renewAccess(apiOf(provider), record, book, { signal });
      } finally {
        provider.dispose();
      }
    }
    const account = accountOf(fleet, record);
    const provider = await account.provider();
    if (memory.wakeAnswer(record.account.id) === 'always') await wakeIfAsleep(fleet, record, { signal });
    const id = account.find(record.sandbox.id)?.id ?? record.sandbox.id;
    const current = { ...record, sandbox: { ...record.sandbox, id } };
    return await renewAccess(apiOf(provider), current, book, { signal });
  };
}

/** A host may have outlived its account. */
function accountOf(fleet: Fleet, { account: { id, name } }: HostRecord): AccountFleet {
  if (fleet.viewOf(id)) return fleet.account(id);
  throw new ProviderError(
    'unauthorized',
    `${name} was signed out, and nothing renews its SSH access since.`,
    {
      advice: 'Add the account again, and open the sandbox from the Sandbox Explorer.',
    },
  );
}

async function wakeIfAsleep(fleet: Fleet, record: HostRecord, { signal }: CallOptions): Promise<void> {
  const account = fleet.account(record.account.id);
  const sandbox = await account.confirm(record.sandbox.id);
  if (sandbox && sleeps(sandbox.state)) await wake(account, sandbox, signal);
}

function apiOf({ ssh }: { readonly ssh?: SshAccessApi }): SshAccessApi {
  if (ssh) return ssh;
  throw new ProviderError('invalid', 'The service of this sandbox has no SSH any more.');
}
