import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { ordinaryUser } from '../../tools/ordinaryUser.mts';
import { Client } from './client.ts';
import { removeProgram, startForTest, type StartOptions } from './startEngine.ts';
import { asOrdinaryUser } from './starters.ts';

afterAll(removeProgram);

/** An ordinary user whose machine `setup` has changed, as the root of a user namespace. */
function changed(setup: string): StartOptions {
  const { uid, gid } = ordinaryUser();
  const { wrapper = [], ...options } = asOrdinaryUser();
  const again = `exec unshare --user --map-user=${uid} --map-group=${gid} "$@"`;
  const asRoot = [
    'unshare',
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    `${setup} && ${again}`,
    'sh',
  ];
  return { ...options, wrapper: [...wrapper, ...asRoot] };
}

describe('a machine that does not let a jail be made', () => {
  it.each([
    [
      'masks parts of /proc',
      'mount --bind /dev/null /proc/version',
      /\(Can't mount proc on .*\)\. Start the container with "--security-opt systempaths=unconfined"/,
    ],
    [
      'has no room for namespaces',
      'echo 1 > /proc/sys/user/max_user_namespaces',
      /^This system allows no more namespaces \(.*\)\. .*"sudo sysctl -w user\.max_user_namespaces=15000"/,
    ],
  ])('is told what to change where it %s', async (_, setup, message) => {
    const before = await startForTest(asOrdinaryUser());
    const { dataDir } = before;
    const maker = new Client(before);
    const options = { name: 'one', kill_sandbox_after: true };
    await maker.call('POST', `${await maker.create()}/snapshot/create`, options);
    await before.stop();
    const client = new Client(await startForTest({ ...changed(setup), dataDir }));
    const refused = { status: 503, body: { message: expect.stringMatching(message) } };
    expect(await client.call('POST', '/v1/sandbox', {})).toMatchObject(refused);
    expect(await client.call('POST', '/v1/snapshot/restore', { snapshot_name: 'one' })).toMatchObject(
      refused,
    );
    expect((await client.call('GET', '/v1/sandboxes')).body.items).toEqual([]);
  });

  it('says so where it has too many processes, and makes jails again once it has fewer', async () => {
    const engine = await startForTest(asOrdinaryUser());
    const client = new Client(engine);
    const sandbox = await client.create();
    const { uid, gid } = ordinaryUser();
    const prlimit = (...args: string[]) =>
      execFileSync('prlimit', ['--pid', String(engine.pid), ...args], { uid, gid, encoding: 'utf8' }).trim();
    const usual = prlimit('--nproc', '--output', 'SOFT', '--noheadings');
    const calls = [
      ['/v1/sandbox', {}],
      [`${sandbox}/snapshot/create`, { name: 'one' }],
    ] as const;
    const make = () => Promise.all(calls.map(([path, body]) => client.call('POST', path, body)));
    prlimit('--nproc=1:');
    const refused = {
      status: 503,
      body: { message: expect.stringMatching(/more processes \(.*EAGAIN\)\. End/) },
    };
    expect(await make()).toMatchObject([refused, refused]);
    prlimit(`--nproc=${usual}:`);
    expect(await make()).toMatchObject([{ status: 201 }, { status: 201 }]);
  });
});
