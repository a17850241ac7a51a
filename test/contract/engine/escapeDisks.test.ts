import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Captive } from './captive.ts';
import { removeProgram } from './startEngine.ts';
import { describeForStartersDaily } from './starters.ts';

afterAll(removeProgram);

describeForStartersDaily("from a hostile disk on %s's engine,", (options) => {
  const captive = new Captive(options);

  /** All that a sandbox can do to its disk to lead whoever copies or removes it astray. */
  const spoil = (sandbox: string) => {
    const { secrets, engine } = captive;
    return captive.client.run(
      sandbox,
      [
        `ln -s ${secrets} folder; ln -s ${secrets}/secret file; ln -s ${engine.dataDir} data; ln -s / root`,
        `ln -s /proc/1/root${secrets} proc; ln -s ../../../../../../../..${secrets} above; ln -s loop loop`,
        'ln -s /to to; ln -s /from from; ln -s /disk disk; ln -s .. up',
        `mkdir -p a/b c; ln -s ${secrets} a/b/folder; ln -s ../../folder a/b/next; touch -h -d @1 a/b/next`,
        'mkfifo pipe; mknod zero c 0 0; touch -- -rf --reference=x "$(printf "odd\\nname")"; mkdir -- -t --',
        `perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0); bind(S,pack_sockaddr_un("socket"))'`,
        `truncate -s 1T huge; echo x > x; perl -e 'for (1..500) { link "x", "hard$_"; symlink "folder", "soft$_" }'`,
        'chmod 0 c a/b; chmod 7777 a; chmod 0 .',
      ].join('; '),
    );
  };
  const inspect = (sandbox: string) => {
    const command = 'chmod 700 user; cd user; chmod 700 c a/b; find . -printf "%y %n %l %p\\n" | sort';
    return captive.client.run(sandbox, command, { cwd: '/home' });
  };

  it('a snapshot, and what is made of it, hold the links and not what they lead to', async () => {
    const { client } = captive;
    const sandbox = await client.create();
    expect(await spoil(sandbox)).toBe('');
    const snapshot = await client.call('POST', `${sandbox}/snapshot/create`, {});
    expect(snapshot.status).toBe(201);
    const restored = await client.call('POST', '/v1/snapshot/restore', { snapshot_name: snapshot.body.name });
    expect(restored.status).toBe(201);
    const copy = `/v1/sandbox/${restored.body.id}`;
    const inspected = await inspect(copy);
    expect(inspected.split('\n').length).toBeGreaterThan(1000);
    expect(inspected).toContain(`l 1 ${captive.secrets} ./a/b/folder`);
    expect(inspected).toBe(await inspect(sandbox));
    captive.expectHostUnchanged();
    for (const path of [copy, `/v1/snapshot/${snapshot.body.id}`, sandbox]) {
      expect((await client.call('DELETE', path)).status).toBe(204);
      expect(existsSync(captive.diskOf(path))).toBe(false);
    }
    expect(readdirSync(join(captive.engine.dataDir, 'trash'))).toEqual([]);
    captive.expectHostUnchanged();
  });

  it('nothing but itself is removed with it', async () => {
    const { client } = captive;
    const sandbox = await client.create();
    await spoil(sandbox);
    expect((await client.call('DELETE', sandbox)).status).toBe(204);
    expect(readdirSync(join(captive.engine.dataDir, 'trash'))).toEqual([]);
    captive.expectHostUnchanged();
  });

  it('a tree too deep for any path is refused as a snapshot, in words, and removed like any other', async () => {
    const { client, engine } = captive;
    const sandbox = await client.create();
    const name = 'd'.repeat(200);
    const dig = `perl -e 'for (1..100) { mkdir "${name}" or die; chdir "${name}" or die } symlink "${captive.secrets}", "out"'`;
    expect(await client.run(sandbox, dig)).toBe('');
    const { status, body } = await client.call('POST', `${sandbox}/snapshot/create`, {});
    expect({ status, message: body.message }).toEqual({
      status: 503,
      message: expect.stringContaining('name too long'),
    });
    expect(readdirSync(join(engine.dataDir, 'snapshots'))).toEqual([]);
    const call = (route: string, request: object) =>
      client.call('POST', `${sandbox}/filesystem/${route}`, { path: '/home/user', ...request });
    expect((await call('ls', { recursive: true })).body.items).toHaveLength(101);
    expect((await call('glob', {})).body.items).toHaveLength(1);
    expect((await call('grep', { pattern: '.' })).body.items).toEqual([]);
    expect((await call('tree', {})).body.items).toHaveLength(1);
    const all = { path: `/home/user/${name}`, recursive: true };
    expect((await call('delete', all)).status).toBe(204);
    await client.run(sandbox, dig);
    expect((await client.call('DELETE', sandbox)).status).toBe(204);
    expect(readdirSync(join(engine.dataDir, 'trash'))).toEqual([]);
    captive.expectHostUnchanged();
  });
});
