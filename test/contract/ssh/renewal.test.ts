import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import { fingerprint } from '../../../src/ssh/hostRecord.ts';
import { askWindow } from '../../../src/ssh/renewal/client.ts';
import { host as name, outcomeOf } from './sshHost.ts';
import { good, Windows } from './windows.ts';

describe('an open window', () => {
  it('renews credentials that were refused, and ssh goes on as if nothing had been', async (test) => {
    const windows = await Windows.make(test);
    const { server, host, fresh } = windows;
    await windows.openWindow();
    expect(await windows.fine()).toEqual(good);
    expect(host.access).toMatchObject({ password: server.password, expiresAt: fresh.expiresAt });
    expect(server.tries).toBe(2);
    expect(await windows.fine()).toEqual(good);
    expect(server.tries).toBe(3);
  });

  it('renews those that will expire soon before they are used', async (test) => {
    const windows = await Windows.make(test);
    const { server, host } = windows;
    await host.setAccess({ password: server.password, expiresAt: Date.now() + 60_000 });
    let renewals = 0;
    await windows.openWindow(async () => {
      renewals += 1;
      return { ...server.access, expiresAt: Date.now() + 3_600_000 };
    });
    expect(await windows.fine()).toEqual(good);
    expect([renewals, server.tries]).toEqual([1, 1]);
  });

  it('renews once for ten that ask at the same time', async (test) => {
    const windows = await Windows.make(test);
    const { fresh } = windows;
    let renewals = 0;
    await windows.openWindow(async () => {
      renewals += 1;
      await delay(300);
      return fresh;
    });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => windows.fine()));
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => good));
    expect(renewals).toBe(1);
  });

  it('has an answer for however many ask at the same time', async (test) => {
    const windows = await Windows.make(test);
    const { host, fresh } = windows;
    const may = Promise.withResolvers<void>();
    await windows.openWindow(async () => {
      await may.promise;
      return fresh;
    });
    const seen = fingerprint(host.access);
    const asked = Array.from({ length: 150 }, () => askWindow(host.folder, name, seen, 60_000));
    await delay(1_000);
    may.resolve();
    expect(new Set(await Promise.all(asked))).toEqual(new Set([true]));
  });

  it('renews once although another window could, too', async (test) => {
    const windows = await Windows.make(test);
    const { fresh } = windows;
    let renewals = 0;
    const renew = async () => {
      renewals += 1;
      await delay(300);
      return fresh;
    };
    await windows.openWindow(renew);
    await windows.openWindow(renew);
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => windows.fine()));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(renewals).toBe(1);
  });

  it('has its reason told when it cannot', async (test) => {
    const windows = await Windows.make(test);
    await windows.openWindow(async () => {
      throw new ProviderError('conflict', 'Somebody else has \u001b[31mmade\nSSH credentials', {
        advice: 'Regenerate them in the view.',
      });
    });
    const { code, stderr } = await windows.fine();
    expect(code).toBe(255);
    expect(stderr.split('\n')[0]).toBe(
      `Sandbox Explorer, ${name}: Somebody else has  [31mmade SSH credentials. Regenerate them in the view.`,
    );
  });

  it('may not know the account, and another one that does is asked', async (test) => {
    const windows = await Windows.make(test);
    await windows.openWindow();
    await delay(20);
    // The latest is asked first.
    await windows.openWindow(async () => {
      throw new ProviderError('notFound', 'This editor has no such account.');
    });
    expect(await windows.fine()).toEqual(good);
  });

  it('is not asked again when what it gave is refused, too', async (test) => {
    const windows = await Windows.make(test);
    const { server, fresh } = windows;
    let renewals = 0;
    await windows.openWindow(async () => {
      renewals += 1;
      return { ...fresh, password: 'no better' };
    });
    const { code, stderr } = await windows.fine();
    expect([code, renewals, server.tries]).toEqual([255, 1, 2]);
    expect(stderr).toContain(`127.0.0.1:${server.port} refused the SSH access.`);
  });

  it('serves no host that is not in our folder', async (test) => {
    const windows = await Windows.make(test);
    const { host } = windows;
    let asked = false;
    await windows.openWindow(async () => {
      asked = true;
      throw new Error('never');
    });
    const { code } = await host.run(host.launcher, ['another-host']);
    expect([code, asked]).toEqual([255, false]);
  });

  it('that hangs is passed over', async (test) => {
    const windows = await Windows.make(test);
    const { host, open } = windows;
    await windows.openWindow();
    const hanging = createServer(() => undefined).listen(join(host.root, 'hang.sock'));
    await once(hanging, 'listening');
    open.push({ dispose: () => hanging.close() });
    const file = windows.announce('later', join(host.root, 'hang.sock'));
    expect(await windows.fine()).toEqual(good);
    expect(existsSync(file)).toBe(true);
  });

  it('that hangs in the middle of a renewal is told of, and no other one is waited for as long again', async (test) => {
    const windows = await Windows.make(test);
    let others = 0;
    await windows.openWindow(async () => {
      others += 1;
      return new Promise(() => undefined);
    });
    await delay(20);
    await windows.openWindow(() => new Promise(() => undefined));
    const { folder, access } = windows.host;
    await expect(askWindow(folder, name, fingerprint(access), 2_000)).rejects.toMatchObject({
      kind: 'timeout',
      message: 'An editor window was asked for SSH access, and did not answer in time.',
    });
    expect(others).toBe(0);
  });

  it('that takes long has the person told what the wait is for', async (test) => {
    const windows = await Windows.make(test);
    const may = Promise.withResolvers<void>();
    await windows.openWindow(async () => {
      await may.promise;
      return windows.fresh;
    });
    const ssh = windows.host.startSsh('echo fine');
    const outcome = outcomeOf(ssh);
    const [said] = (await once(ssh.stderr ?? ssh, 'data')) as [Buffer];
    may.resolve();
    expect(said.toString()).toBe(`Sandbox Explorer, ${name}: Still waiting for SSH access to box.\n`);
    expect(await outcome).toMatchObject({ code: 0, stdout: good.stdout });
  });

  it('that closes in the middle of a renewal is replaced by another one', async (test) => {
    const windows = await Windows.make(test);
    await windows.openWindow();
    await delay(20);
    const started = Promise.withResolvers<void>();
    const closing = await windows.openWindow((_host, _record, signal) => {
      started.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('closed'))));
    });
    const connecting = windows.fine();
    await started.promise;
    closing.dispose();
    expect(await connecting).toEqual(good);
  });
});

describe('a window that is gone', () => {
  it('leaves nothing behind when it closes', async (test) => {
    const windows = await Windows.make(test);
    const { host } = windows;
    const window = await windows.openWindow();
    expect(readdirSync(host.folder.windows)).toHaveLength(2);
    window.dispose();
    expect(readdirSync(host.folder.windows)).toEqual([]);
  });

  it('and crashed is cleared away by the next one that asks, and only that one', async (test) => {
    const windows = await Windows.make(test);
    const { host } = windows;
    const socket = join(host.folder.windows, 'dead.sock');
    windows.announce('dead', socket);
    writeFileSync(join(host.folder.windows, 'damaged.json'), '{');
    await windows.openWindow();
    await delay(20);
    const dead = windows.announce('dead', socket);
    expect(await windows.fine()).toEqual(good);
    expect(existsSync(dead)).toBe(false);
    expect(readdirSync(host.folder.windows)).toHaveLength(3);
  });

  it('is asked, too, when this machine has got another name since', async (test) => {
    const windows = await Windows.make(test);
    await windows.openWindow();
    const [socket = ''] = windows.sockets();
    for (const file of readdirSync(windows.host.folder.windows).filter((each) => each.endsWith('.json'))) {
      windows.announce(file.replace('.json', ''), socket, 'this-machine-before');
    }
    expect(await windows.fine()).toEqual(good);
  });

  it('from where this process looks, is left alone: its socket may only be out of sight', async (test) => {
    const windows = await Windows.make(test);
    const { host } = windows;
    await windows.openWindow();
    await delay(20);
    const hidden = windows.announce('hidden', join(host.root, 'out-of-sight.sock'));
    expect(await windows.fine()).toEqual(good);
    expect(existsSync(hidden)).toBe(true);
  });

  it('on another machine, as far as this one can tell, is left to that one', async (test) => {
    const windows = await Windows.make(test);
    const { host } = windows;
    await windows.openWindow();
    await delay(20);
    const gone = windows.announce('gone', join(host.folder.windows, 'gone.sock'), 'another-machine');
    expect(await windows.fine()).toEqual(good);
    expect(existsSync(gone)).toBe(true);
  });

  it('never has a file of somebody else removed', async (test) => {
    const windows = await Windows.make(test);
    const { host } = windows;
    const precious = join(host.root, 'precious');
    writeFileSync(precious, 'mine');
    await windows.openWindow();
    await delay(20);
    windows.announce('dead', precious);
    expect(await windows.fine()).toEqual(good);
    expect(readFileSync(precious, 'utf8')).toBe('mine');
  });
});

it('a folder with a long name has its sockets elsewhere, out of reach of others', async (test) => {
  const windows = await Windows.make(test, 'long'.repeat(40));
  const window = await windows.openWindow();
  const [socket = ''] = windows.sockets();
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  expect(await windows.fine()).toEqual(good);
  window.dispose();
  expect(existsSync(dirname(socket))).toBe(false);
});

it('a client that gives up leaves the renewal to the others', async (test) => {
  const windows = await Windows.make(test);
  const { host, fresh } = windows;
  const may = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  await windows.openWindow(async () => {
    started.resolve();
    await may.promise;
    return fresh;
  });
  const first = host.startSsh('true');
  const gone = outcomeOf(first);
  await started.promise;
  first.kill('SIGKILL');
  await gone;
  const second = windows.fine();
  may.resolve();
  expect(await second).toEqual(good);
});
