import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { Client, type ClientChannel } from 'ssh2';
import { describe, expect, it } from 'vitest';
import type { SshAccess, SshAccessApi } from '../../src/sandboxes/provider.ts';
import type { Workshop } from './promises.ts';

/** What every provider promises that lets people in by SSH. */
export function sshPromises(workshop: Workshop): void {
  describe('an SSH access', () => {
    const open = async () => {
      const { id } = await workshop.make();
      const { ssh } = workshop.provider();
      if (!ssh) throw new Error('no SSH');
      return { id, ssh, access: await ssh.create(id) };
    };

    it('lets in whoever has it, for a time', async () => {
      const { id, ssh, access } = await open();
      expect(access).toMatchObject({
        user: expect.stringMatching(/./),
        password: expect.stringMatching(/./),
        host: expect.stringMatching(/./),
        command: expect.stringContaining(access.user),
      });
      expect(access.expiresAt ?? Infinity).toBeGreaterThan(Date.now());
      expect(await ssh.validate(id, access)).toBe(true);
      expect(await run(access, 'echo in; exit 3')).toEqual({ code: 3, stdout: 'in\n' });
    });

    it('lets nobody in with another password', async () => {
      const { id, ssh, access } = await open();
      const wrong = { ...access, password: `${access.password}x` };
      expect(await ssh.validate(id, wrong)).toBe(false);
      await expect(run(wrong, 'true')).rejects.toMatchObject({ level: 'client-authentication' });
    });

    it('is a conflict when there is one, and says what to do', async () => {
      const { id, ssh } = await open();
      await expect(ssh.create(id)).rejects.toMatchObject({
        kind: 'conflict',
        advice: expect.stringContaining(ssh.anySet ? 'renew it' : 'revoke it there'),
      });
    });

    interface Calls {
      regenerate(access: SshAccess): Promise<SshAccess>;
      revoke(renewed: SshAccess): Promise<void>;
    }
    it.for<[string, (ssh: SshAccessApi, id: string) => Calls | undefined]>([
      [
        'that is known',
        (ssh, id) => ({
          regenerate: ({ accessId }) => ssh.regenerate(id, accessId),
          revoke: ({ accessId }) => ssh.revoke(id, accessId),
        }),
      ],
      [
        'that is not known',
        ({ anySet }, id) =>
          anySet && { regenerate: () => anySet.regenerate(id), revoke: () => anySet.revoke(id) },
      ],
    ])('whose ID %s is renewed, and then taken back', async ([, callsOf], { skip }) => {
      const { id, ssh, access } = await open();
      const calls = callsOf(ssh, id);
      if (!calls) return skip('The service wants to know the ID.');
      const renewed = await calls.regenerate(access);
      expect(renewed.expiresAt ?? Infinity).toBeGreaterThanOrEqual(access.expiresAt ?? Infinity);
      expect(await run(renewed, 'echo in')).toMatchObject({ stdout: 'in\n' });
      await expect(run(access, 'true')).rejects.toMatchObject({ level: 'client-authentication' });
      await calls.revoke(renewed);
      await expect(run(renewed, 'true')).rejects.toMatchObject({ level: 'client-authentication' });
      expect((await ssh.create(id)).password).not.toBe(renewed.password);
    });

    it('wakes its sandbox when it is used, and not before', async () => {
      const { id, ssh, access } = await open();
      await workshop.provider().pause?.(id);
      await ssh.validate(id, access);
      const renewed = await ssh.regenerate(id, access.accessId);
      await workshop.expectState(id, 'paused');
      expect(await run(renewed, 'echo awake')).toMatchObject({ stdout: 'awake\n' });
      await workshop.expectState(id, 'running');
    });

    it('is gone with its sandbox', async () => {
      const { id, access } = await open();
      await workshop.provider().delete(id);
      await expect(run(access, 'true')).rejects.toMatchObject({ level: 'client-authentication' });
    });

    it.each<[string, (ssh: SshAccessApi, id: string) => Promise<unknown> | undefined]>([
      ['made for nothing', (ssh) => ssh.create('sbx-none')],
      ['renewed where there is none', (ssh, id) => ssh.anySet?.regenerate(id)],
      ['renewed by an unknown ID', (ssh, id) => ssh.regenerate(id, 'ssh-none')],
      ['revoked by an unknown ID', (ssh, id) => ssh.revoke(id, 'ssh-none')],
      ['revoked where there is none', (ssh, id) => ssh.anySet?.revoke(id)],
      ['revoked by an ID that tries to be a path', (ssh, id) => ssh.revoke(id, '../pause')],
    ])('cannot be %s', async (_, call) => {
      const { id } = await workshop.make();
      const { ssh } = workshop.provider();
      const made = ssh && call(ssh, id);
      // What the provider has not cannot be called.
      if (made) await expect(made).rejects.toMatchObject({ kind: 'notFound' });
    });
  });
}

/** Runs a command with an access. */
async function run(access: SshAccess, command: string): Promise<{ code: number; stdout: string }> {
  const connection = new Client();
  const { host, port, user: username, password } = access;
  try {
    connection.connect({ host, port, username, password });
    await once(connection, 'ready');
    const endOf = (channel: ClientChannel) => Promise.all([buffer(channel), once(channel, 'exit')]);
    const [stdout, [code]] = await new Promise<[Buffer, unknown[]]>((resolve, reject) => {
      // At once: the exit of a quick command may be in the same packet, and would be missed a turn later.
      connection.exec(command, (error, channel) => (error ? reject(error) : resolve(endOf(channel))));
    });
    return { code: Number(code), stdout: stdout.toString() };
  } finally {
    connection.end();
  }
}
