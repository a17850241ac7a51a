import { defaultAddresses } from '../../providers/leap0/addresses.ts';
import { revisions } from '../../providers/leap0/dialect.ts';
import type { KeptRevision } from '../../providers/leap0/revision.ts';
import type { KnownIds } from '../../sandboxes/knownIds.ts';
import type { AccountData, Shared } from '../../sandboxes/sharing.ts';

type File = Shared<AccountData>;

/** What is kept with an account for all windows: which revision its service speaks, and the IDs that it does not list. */
export interface KeptAccount {
  readonly revision: KeptRevision;
  readonly knownIds: KnownIds;
}

export interface KeptAccountOptions {
  /** Where the service is, as the account's settings say. */
  readonly baseUrl: string | undefined;
  /** Is told when the revision is forgotten: the provider was opened for another one. */
  readonly reopen: () => void;
  /** Is told of an ID that its service does not know any more, by one window of all. */
  readonly tellGone: (id: string) => void;
}

export async function openKeptAccount(file: File, options: KeptAccountOptions): Promise<KeptAccount> {
  const { revision } = at(options.baseUrl, await file.read().catch(() => undefined));
  return { revision: keptRevision(file, revision, options), knownIds: keptIds(file, options) };
}

/** What is known of the service at an address. At another one may be another service: its IDs are set aside for it. */
function at(baseUrl: string | undefined, data: AccountData = { knownIds: [] }): AccountData {
  const [before, now] = [originOf(data.revisionOf), originOf(baseUrl)];
  if (before === now) return data;
  const { [now]: knownIds = [], ...otherIds } = { ...data.otherIds, [before]: data.knownIds };
  return { revisionOf: baseUrl, knownIds, otherIds };
}

/** The same of all the ways to write an address down. */
function originOf(baseUrl: string | undefined): string {
  const address = baseUrl?.trim() || defaultAddresses.baseUrl;
  return URL.canParse(address) ? new URL(address).origin : address;
}

function keptRevision(
  file: File,
  kept: string | undefined,
  { baseUrl, reopen }: KeptAccountOptions,
): KeptRevision {
  let revision = revisions.find((one) => one === kept);
  return {
    get: () => revision,
    set: async (found) => {
      revision = found;
      // A window that cannot keep it asks the service again the next time.
      await file.update((now) => ({ ...at(baseUrl, now), revision: found })).catch(() => undefined);
      if (found === undefined) reopen();
    },
  };
}

/** An ID that could not be written is known to this window all the same. */
function keptIds(file: File, { baseUrl, tellGone }: KeptAccountOptions): KnownIds {
  const unsaved = new Set<string>();
  const remove = async (id: string): Promise<boolean> => {
    let wasThere = unsaved.delete(id);
    await file.update((data) => {
      const now = at(baseUrl, data);
      if (!now.knownIds.includes(id)) return now;
      wasThere = true;
      return { ...now, knownIds: now.knownIds.filter((other) => other !== id) };
    });
    return wasThere;
  };
  return {
    all: async () => [...new Set([...at(baseUrl, await file.read()).knownIds, ...unsaved])],
    add: async (id) => {
      unsaved.add(id);
      await file.update((data) => {
        const now = at(baseUrl, data);
        return now.knownIds.includes(id) ? now : { ...now, knownIds: [...now.knownIds, id] };
      });
      unsaved.delete(id);
    },
    remove: async (id) => void (await remove(id)),
    gone: async (id) => {
      if (await remove(id)) tellGone(id);
    },
  };
}
