import type { Revision } from '../../providers/leap0/dialect.ts';
import type { KeptRevision } from '../../providers/leap0/revision.ts';
import type { KnownIds } from '../../sandboxes/knownIds.ts';
import type { AccountData, Shared } from '../../sandboxes/sharing.ts';

type File = Shared<AccountData>;

/** What is kept with an account for all windows: which revision its service speaks, and the IDs that it does not list. */
export interface KeptAccount {
  readonly revision: KeptRevision;
  readonly knownIds: KnownIds;
}

/** @param tellGone Is told of an ID that its service does not know any more, by one window of all. */
export async function openKeptAccount(file: File, tellGone: (id: string) => void): Promise<KeptAccount> {
  const { revision } = (await file.read().catch(() => undefined)) ?? nothing;
  return { revision: keptRevision(file, revision), knownIds: keptIds(file, tellGone) };
}

const nothing: AccountData = { knownIds: [] };

function keptRevision(file: File, kept: string | undefined): KeptRevision {
  let revision: Revision | undefined = kept === 'A' || kept === 'B' ? kept : undefined;
  return {
    get: () => revision,
    set: async (found) => {
      revision = found;
      // A window that cannot keep it asks the service again the next time.
      await file.update((now = nothing) => ({ ...now, revision: found })).catch(() => undefined);
    },
  };
}

/** An ID that could not be written is known to this window all the same. */
function keptIds(file: File, tellGone: (id: string) => void): KnownIds {
  const unsaved = new Set<string>();
  const remove = async (id: string): Promise<boolean> => {
    let wasThere = unsaved.delete(id);
    await file.update((now = nothing) => {
      if (!now.knownIds.includes(id)) return now;
      wasThere = true;
      return { ...now, knownIds: now.knownIds.filter((other) => other !== id) };
    });
    return wasThere;
  };
  return {
    all: async () => [...new Set([...((await file.read()) ?? nothing).knownIds, ...unsaved])],
    add: async (id) => {
      unsaved.add(id);
      await file.update((now = nothing) =>
        now.knownIds.includes(id) ? now : { ...now, knownIds: [...now.knownIds, id] },
      );
      unsaved.delete(id);
    },
    remove: async (id) => void (await remove(id)),
    gone: async (id) => {
      if (await remove(id)) tellGone(id);
    },
  };
}
