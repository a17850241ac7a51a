import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Captive, strangerCanRun } from './captive.ts';
import { isRoot } from './hosts.ts';
import { removeProgram } from './startEngine.ts';
import { describeForStartersDaily } from './starters.ts';

afterAll(removeProgram);

describeForStartersDaily("in a jail of %s's engine", (options, who) => {
  const captive = new Captive(options);
  const tries = (command: string) => captive.tries(command);

  it('no capability is held', async () => {
    expect(await tries('grep -E "^Cap|NoNewPrivs" /proc/self/status')).toMatch(
      /^(Cap\w+:\s0+\n){5}NoNewPrivs:\s1\n$/,
    );
  });

  it.each([
    ['by a namespace of its own', 'unshare -Ur true'],
    ['by a mount namespace of its own', 'unshare -m true'],
    ['by a user namespace of its own', 'unshare -U true'],
    ['by a jail in the jail', 'bwrap --ro-bind / / true'],
    ['by joining the jail again', 'nsenter -t 1 -U --preserve-credentials -m true'],
    ['by a program that is setuid', 'su -c true root </dev/null'],
    ['by asking for it', 'setpriv --ambient-caps=+all --inh-caps=+all true || exit 1'],
    ['to change another root', 'chroot / true'],
    ['to change the name of the host', 'hostname other'],
    ['to write where it may only read', 'mount -o remount,rw /usr'],
    ['to write where it may only read, by another way', 'mount -o remount,bind,rw /'],
    ['to write over a file', 'mount -o remount,bind,rw /etc/passwd'],
    ['to mount', 'mount -t tmpfs x /tmp'],
    ['to mount what there is elsewhere', 'mount --bind /tmp /home/user'],
    ['to take a mount away', 'umount /usr'],
    ['to take it away and see what was under it', 'umount -l /home/user'],
    ['to mount a fresh /proc', 'mount -t proc proc /tmp'],
    ['to give a file away', 'touch x && chown 12345 x'],
    ['to make a device', 'mknod device b 8 0'],
    ['to make another', 'mknod device c 1 1'],
    ['to trace process 1', 'cat /proc/1/mem /proc/1/environ >/dev/null'],
    ['to see the kernel', 'cat /proc/kcore'],
    ['to set the clock', 'date -s 2001-01-01'],
  ])('no power can be gained %s', async (_, attempt) => {
    // 127 would mean that there was no such program to try it with.
    expect(await tries(`(${attempt}) >/dev/null 2>&1; echo $?`)).not.toMatch(/^(0|127)\n/);
  });

  it('a terminal has no more power than a command', async () => {
    const screen = await (await captive.client.terminal(captive.sandbox)).prompt();
    await screen.ask('command grep -E "^Cap|NoNewPrivs" /proc/self/status; echo e"n"d', /\nend/);
    expect(screen.text).toMatch(/CapEff:\s0{16}\r\n[^]*CapBnd:\s0{16}\r\n[^]*NoNewPrivs:\s1\r/);
    expect(await screen.ask('unshare -Ur true; echo "<$?>"', /\n<(\d+)>/)).not.toBe('0');
  });

  it('process 1 cannot be killed', async () => {
    await tries('kill -9 1; kill -TERM 1; kill -STOP 1');
    expect(await tries('echo alive')).toBe('alive\n');
  });

  it('a program that is made setuid, by whatever way, belongs to nobody who matters and is out of reach', async () => {
    const { client, sandbox, engine } = captive;
    await tries('cp /usr/bin/id made; chmod 6755 made; cp /usr/bin/id set');
    const files = `${sandbox}/filesystem`;
    const raw = readFileSync('/usr/bin/id');
    const headers = { 'content-type': 'application/octet-stream' };
    const written = `${files}/write-file?path=/home/user/written&permissions=6755`;
    expect((await client.call('POST', written, undefined, { raw, headers })).status).toBe(204);
    const set = { path: '/home/user/set', mode: '6755' };
    expect((await client.call('POST', `${files}/set-permissions`, set)).status).toBe(204);
    const snapshot = (await client.call('POST', `${sandbox}/snapshot/create`, {})).body;
    const restored = (await client.call('POST', '/v1/snapshot/restore', { snapshot_name: snapshot.name }))
      .body;
    const places = [sandbox, `/v1/snapshot/${snapshot.id}`, `/v1/sandbox/${restored.id}`];
    const owner = lstatSync(engine.dataDir);
    if (who === 'root') expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(`:${owner.uid}:`);
    expect(owner.mode & 0o077).toBe(0);
    if (isRoot) expect(strangerCanRun('/usr/bin/id')).toBe(true);
    for (const place of places) {
      for (const name of ['made', 'set', 'written']) {
        const file = join(captive.diskOf(place), name);
        const { uid, gid, mode } = lstatSync(file);
        expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: owner.uid, gid: owner.gid, mode: 0o6755 });
        expect(uid).not.toBe(0);
        expect(gid).not.toBe(0);
        if (isRoot) expect(strangerCanRun(file)).toBe(false);
      }
    }
  });

  it('processes cannot be exhausted', async () => {
    const { client } = captive;
    const other = await client.create();
    const spawnMany =
      '$SIG{CHLD}="IGNORE"; for (1..3000) { my $p = fork; last if !defined $p; if (!$p) { sleep 60; exit } $n++ } print $n';
    const made = Number(await client.run(other, `perl -e '${spawnMany}'`));
    expect(made).toBeGreaterThan(500);
    expect(made).toBeLessThan(1100);
    expect(await tries('echo others are fine')).toBe('others are fine\n');
    expect((await client.call('DELETE', other)).status).toBe(204);
  });
});
