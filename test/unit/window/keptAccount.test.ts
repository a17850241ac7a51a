import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Revision } from '../../../src/providers/leap0/dialect.ts';
import { Fleet } from '../../../src/sandboxes/fleet.ts';
import { openKeptAccount, type KeptAccountOptions } from '../../../src/window/accounts/keptAccount.ts';
import { TestServers } from '../net/testServers.ts';
import { accountAt, obliging } from '../providers/leap0Account.ts';
import { MemorySharing } from '../sandboxes/memorySharing.ts';

const servers = new TestServers();
afterEach(() => servers.close());

let sharing: MemorySharing;
beforeEach(() => void (sharing = new MemorySharing()));

const open = (options: Partial<KeptAccountOptions> = {}) =>
  openKeptAccount(sharing.accountData('a'), {
    baseUrl: undefined,
    reopen: () => {},
    tellGone: () => {},
    ...options,
  });

describe('the revision that is kept with an account', () => {
  it.each([undefined, 'https://one.test'])('is there in the next window: %s', async (baseUrl) => {
    await (await open({ baseUrl })).revision.set('A');
    expect((await open({ baseUrl })).revision.get()).toBe('A');
  });

  it('is not that of another address, and the IDs of its sandboxes are kept', async () => {
    const { revision, knownIds } = await open();
    await revision.set('A');
    await knownIds.add('sb-1');
    const moved = await open({ baseUrl: 'https://other.test' });
    expect(moved.revision.get()).toBeUndefined();
    await moved.revision.set('B');
    expect(await moved.knownIds.all()).toEqual(['sb-1']);
    expect((await open()).revision.get()).toBeUndefined();
  });

  it('is asked for again, and acted upon, as soon as the service turns out to speak another one', async () => {
    let spoken: Revision = 'B';
    const account = await accountAt(servers, (asked) => obliging(spoken)(asked));
    const fleet = new Fleet(async () => sharing);
    fleet.addAccount({ id: 'a', name: 'A', provider: 'leap0' }, async () =>
      account.open(await open({ reopen: () => fleet.reopen('a') })),
    );
    const view = () => fleet.viewOf('a');
    await fleet.refresh();
    expect(view()).toMatchObject({ error: undefined, provider: { stop: expect.anything() } });
    spoken = 'A';
    await fleet.refresh();
    expect(view()).toMatchObject({ error: { kind: 'notFound' } });
    await fleet.refresh();
    expect(view()).toMatchObject({ error: undefined, provider: { adopt: expect.anything() } });
    fleet.dispose();
  });
});
