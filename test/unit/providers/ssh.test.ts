import { afterEach, describe, expect, it } from 'vitest';
import type { Leap0Cloud } from '../../../src/providers/leap0/cloud.ts';
import type { Spelling } from '../../../src/providers/leap0/wire/spelling.ts';
import { TestServers } from '../net/testServers.ts';
import { accountAt, obliging } from './leap0Account.ts';

const servers = new TestServers();
afterEach(() => servers.close());

const access = { accessId: 'ssh/1', password: 'secret' };
const path = '/v1/sandbox/sb%2F1/ssh';
const nothing = undefined;

interface Request {
  readonly call: string;
  readonly body: unknown;
}

/** A method of the SDK's SshClient, our call for it, and what each revision is sent. */
type Row = [
  method: string,
  call: (provider: Leap0Cloud, timeoutMs?: number) => Promise<unknown>,
  requests: Record<Spelling, Request>,
];

const rows: Row[] = [
  [
    'create_access',
    ({ ssh }, timeoutMs) => ssh.create('sb/1', { timeoutMs }),
    {
      A: { call: `POST ${path}/access`, body: nothing },
      B: { call: `POST ${path}/access`, body: nothing },
    },
  ],
  [
    'delete_access',
    ({ ssh }, timeoutMs) => ssh.revoke('sb/1', access.accessId, { timeoutMs }),
    {
      A: { call: `DELETE ${path}/access`, body: nothing },
      B: { call: `DELETE ${path}/ssh%2F1`, body: nothing },
    },
  ],
  [
    'validate_access',
    ({ ssh }, timeoutMs) => ssh.validate('sb/1', access, { timeoutMs }),
    {
      A: { call: `POST ${path}/validate`, body: { id: 'ssh/1', password: 'secret' } },
      B: { call: `POST ${path}/ssh%2F1/validate`, body: { password: 'secret' } },
    },
  ],
  [
    'regenerate_access',
    ({ ssh }, timeoutMs) => ssh.regenerate('sb/1', access.accessId, { timeoutMs }),
    {
      A: { call: `POST ${path}/regen`, body: nothing },
      B: { call: `POST ${path}/ssh%2F1/regen`, body: nothing },
    },
  ],
];

describe('a set whose ID nobody knows', () => {
  it.each<[string, (anySet: NonNullable<Leap0Cloud['ssh']['anySet']>) => Promise<unknown>, string]>([
    ['delete_access', (anySet) => anySet.revoke('sb/1'), `DELETE ${path}/access`],
    ['regenerate_access', (anySet) => anySet.regenerate('sb/1'), `POST ${path}/regen`],
  ])('is the only one in revision A: %s', async (_, call, request) => {
    const account = await accountAt(servers, obliging('A'), 'A');
    const { anySet } = (await account.open()).ssh;
    if (!anySet) throw new Error('It wants to know the ID.');
    await call(anySet);
    expect(account.asked.map(({ call: asked, body }) => ({ call: asked, body }))).toEqual([
      { call: request, body: nothing },
    ]);
  });

  it('is out of reach in revision B', async () => {
    const account = await accountAt(servers, obliging('B'), 'B');
    expect((await account.open()).ssh.anySet).toBeUndefined();
  });
});

describe.each<Spelling>(['A', 'B'])('SSH in revision %s', (revision) => {
  it.each(rows)('is sent, for %s, one request', async (_, call, requests) => {
    const account = await accountAt(servers, obliging(revision), revision);
    await call(await account.open());
    expect(account.asked.map(({ call: asked, body }) => ({ call: asked, body }))).toEqual([
      requests[revision],
    ]);
    expect(account.asked[0]?.authorization).toBe('Bearer key-0123456789');
  });

  // `http_timeout` of the SDK.
  it.each(rows)('is not waited for longer than asked for: %s', async (_, call) => {
    const account = await accountAt(servers, () => undefined, revision);
    await expect(call(await account.open(), 100)).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('answers what there is to log in with', async () => {
    const account = await accountAt(servers, obliging(revision), revision);
    const { ssh } = await account.open();
    const expected = {
      accessId: 'ssh-1',
      user: 'ssh-1',
      password: 'p4ssword',
      host: 'gateway.test',
      port: 2222,
    };
    expect(await ssh.create('sb-1')).toMatchObject({ ...expected, expiresAt: Date.UTC(2030, 0, 1) });
    expect(await ssh.regenerate('sb-1', 'ssh-1')).toMatchObject(expected);
    expect(await ssh.validate('sb-1', access)).toBe(true);
    expect(account.lines.join('\n')).not.toContain('p4ssword');
  });

  it.each(['ssh -oProxyCommand=id me@host', 'ssh me@host; id', 'ssh me@host\nProxyCommand id', '', 'id'])(
    'takes no command that could do more than lead to a host: %j',
    async (command) => {
      const answer = { id: 'ssh-1', password: 'p4ssword', ssh_command: command };
      const { ssh } = await (await accountAt(servers, () => [200, answer], revision)).open();
      for (const call of [ssh.create('sb-1'), ssh.regenerate('sb-1', 'ssh-1')]) {
        await expect(call).rejects.toMatchObject({ kind: 'protocol' });
      }
    },
  );

  it('never makes a set twice, however the answer fails', async () => {
    const account = await accountAt(servers, () => [503, { message: 'Try again' }], revision);
    const { ssh } = await account.open();
    await expect(ssh.create('sb-1')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(ssh.regenerate('sb-1', 'ssh-1')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(account.asked).toHaveLength(2);
  });
});
