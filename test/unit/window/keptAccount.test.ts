import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Revision } from '../../../src/providers/leap0/dialect.ts';
import { Fleet } from '../../../src/sandboxes/fleet.ts';
import { openKeptAccount, type KeptAccountOptions } from '../../../src/window/accounts/keptAccount.ts';
import { TestServers } from '../net/testServers.ts';
import { accountAt, obliging } from '../providers/leap0Account.ts';
import { MemorySharing } from '../sandboxes/memorySharing.ts';

const servers = new TestServers();
afterEach(() => servers.close());

const request = { template: 't', vcpu: 1, memoryMib: 1024, timeoutMinutes: 5, autoPause: false };

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

  it('is not that of another address', async () => {
    await (await open()).revision.set('A');
    const moved = await open({ baseUrl: 'https://other.test' });
    expect(moved.revision.get()).toBeUndefined();
    await moved.revision.set('B');
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

describe('the IDs that are kept with an account', () => {
  it('survive a time at another service, which knows none of them', async () => {
    const home = await accountAt(servers, obliging('A'));
    const other = await accountAt(servers, ({ call }) =>
      call.startsWith('POST') ? [201, { id: 'sb-2', state: 'running' }] : [404, { message: 'No such thing' }],
    );
    const gone: string[] = [];
    const providerAt = async (account: typeof home) => {
      const { baseUrl } = account;
      return account.open(await open({ baseUrl, tellGone: (id) => void gone.push(id) }));
    };
    const listAt = async (account: typeof home) =>
      (await (await providerAt(account)).list()).map(({ id }) => id);
    await (await providerAt(home)).adopt?.('sb-1');
    expect(await listAt(other)).toEqual([]);
    await (await providerAt(other)).create(request);
    expect(gone).toEqual([]);
    expect(await listAt(home)).toEqual(['sb-1']);
    expect(await listAt(other)).toEqual([]);
    expect(gone).toEqual(['sb-2']);
    expect(await listAt(home)).toEqual(['sb-1']);
  });

  it('are told apart where two windows have the account at two addresses', async () => {
    const [one, two] = [
      await open({ baseUrl: 'https://one.test' }),
      await open({ baseUrl: 'https://two.test' }),
    ];
    await one.knownIds.add('sb-1');
    await two.knownIds.add('sb-2');
    await one.knownIds.add('sb-3');
    await two.knownIds.remove('sb-1');
    expect(await one.knownIds.all()).toEqual(['sb-1', 'sb-3']);
    expect(await two.knownIds.all()).toEqual(['sb-2']);
  });

  it.each([
    ['https://one.test', ' https://ONE.test/ '],
    [undefined, 'https://api.leap0.dev'],
    [undefined, ''],
  ])('are the same where the address is only written otherwise: %j and %j', async (one, other) => {
    await (await open({ baseUrl: one })).knownIds.add('sb-1');
    expect(await (await open({ baseUrl: other })).knownIds.all()).toEqual(['sb-1']);
  });
});
