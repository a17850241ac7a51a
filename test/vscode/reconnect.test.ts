import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { ProviderError } from '../../src/sandboxes/errors.ts';
import { Fleet } from '../../src/sandboxes/fleet.ts';
import type { Provider } from '../../src/sandboxes/provider.ts';
import type { Sandbox, SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import { openSharing } from '../../src/sharing/folder.ts';
import type { WindowLog } from '../../src/window/log.ts';
import type { Parts } from '../../src/window/parts.ts';
import { RemoteWindow } from '../../src/window/remote/remoteWindow.ts';
import { Ssh } from '../../src/window/remote/ssh.ts';
import { registerUris } from '../../src/window/uri.ts';
import { answerNextWarning, extension, makeSandboxes, observer, toldDuring, until } from './helpers.ts';
import { answeringAll } from './windows.ts';

/** A provider that outlives the fleet it is lent to: the other tests need it. */
const lent: Provider = new Proxy(observer, {
  get: (target, name) => {
    if (name === 'dispose') return () => undefined;
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? value.bind(target) : value;
  },
});

/** What the editor keeps for an extension. */
function memento(): vscode.Memento {
  const values = new Map<string, unknown>();
  return {
    keys: () => Array.from(values.keys()),
    get: <T>(name: string, fallback?: T) => (values.get(name) ?? fallback) as T,
    update: async (name, value) => void values.set(name, value),
  };
}

describe('a window that was opened on a sandbox', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-explorer-'));
  const logged: string[] = [];
  const write = (text: string) => void logged.push(text);
  const log = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    hide: () => {},
  } as unknown as WindowLog;
  const fleet = new Fleet(async () => openSharing({ folder, log }));
  const accounts = ['local', 'leap0', 'leap0'].map((provider, at) => ({
    id: `a${at}`,
    name: `A${at}`,
    provider,
  }));
  for (const account of accounts) fleet.addAccount(account, async () => lent);
  const context = {
    globalState: memento(),
    globalStorageUri: vscode.Uri.file(folder),
    extensionPath: extension.extensionPath,
    asAbsolutePath: (path: string) => join(extension.extensionPath, path),
  } as unknown as vscode.ExtensionContext;
  const ssh = new Ssh(context, fleet, log);
  let record: SandboxRecord;
  const hosts: string[] = [];

  const sandboxIn = async (at: number): Promise<Sandbox> => {
    const sandbox = await fleet.account(`a${at}`).confirm(record.id);
    ok(sandbox);
    return sandbox;
  };
  const nodeOf = (sandbox: Sandbox) => ({ kind: 'sandbox' as const, sandbox, provider: lent });
  const reopen = async (host: string | undefined): Promise<RemoteWindow> => {
    const window = new RemoteWindow(fleet, ssh, log, nodeOf);
    await window.prepare(host ?? '');
    return window;
  };
  const state = async () => (await observer.get(record.id)).state;

  before(async () => {
    const [made] = await makeSandboxes(1);
    ok(made);
    record = made;
    const never = new AbortController().signal;
    hosts.push(await ssh.setUp(await sandboxIn(0), never));
    // Three accounts that see one sandbox are but one set of credentials, so the others only get their entries.
    const integration = await ssh.integration();
    for (const at of [1, 2]) {
      hosts.push(await integration.add({ account: accounts[at] ?? fail(), sandbox: await sandboxIn(at) }));
    }
  });

  after(async () => {
    await ssh.removeEverything();
    ssh.dispose();
    fleet.dispose();
    await observer.delete(record.id);
    rmSync(folder, { recursive: true, force: true });
  });

  it('wakes one of the local engine without a question, and renews what soon expires', async () => {
    const host = hosts[0] ?? fail();
    const file = join(homedir(), '.ssh/sandbox-explorer/access', `${host}.json`);
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    const soon = Date.now() + 60_000;
    writeFileSync(file, JSON.stringify({ ...kept, access: { ...kept.access, expiresAt: soon } }));
    await observer.pause?.(record.id);
    const window = await reopen(host);
    equal(await state(), 'running');
    const renewed = (await ssh.integration()).recordOf(host)?.access;
    ok(renewed && (renewed.expiresAt ?? 0) > soon);
    window.dispose();
  });

  it('wakes none of an account whose user says Never, and does not ask again', async () => {
    await observer.pause?.(record.id);
    const asked = answerNextWarning('Never Wake');
    (await reopen(hosts[1])).dispose();
    match(asked[0]?.detail ?? '', /may cost money.*the account A1/);
    equal(await state(), 'paused');
    const again = answerNextWarning('Always Wake');
    (await reopen(hosts[1])).dispose();
    equal(again.length, 0);
    equal(await state(), 'paused');
    answeredNothing(again);
  });

  it('offers to wake it all the same, this once or from now on', async () => {
    // As its window sees it: the engine may have woken it while our command is still under way.
    const runs = () => until('it runs', () => fleet.account('a1').find(record.id)?.state === 'running');
    const asked = await answeringAll(['Wake'], async () => (await reopen(hosts[1])).dispose());
    match(asked[0]?.message ?? '', /stays paused, as you have said for the account A1/);
    await runs();
    await observer.pause?.(record.id);
    await answeringAll(['Always Wake'], async () => (await reopen(hosts[1])).dispose());
    await runs();
    await observer.pause?.(record.id);
    const again = await answeringAll([], async () => (await reopen(hosts[1])).dispose());
    deepEqual([again.length, await state()], [0, 'running']);
    await observer.pause?.(record.id);
  });

  it('wakes those of an account whose user says Always, from then on without a question', async () => {
    const asked = answerNextWarning('Always Wake');
    (await reopen(hosts[2])).dispose();
    equal(asked.length, 1);
    equal(await state(), 'running');
    await observer.pause?.(record.id);
    (await reopen(hosts[2])).dispose();
    equal(asked.length, 1);
    equal(await state(), 'running');
  });

  describe('shows in its status bar', () => {
    let items: vscode.StatusBarItem[];
    let window: RemoteWindow;
    /** Reopens the window while VS Code's items for the status bar are watched. */
    const watched = async (host: string | undefined) => {
      items = [];
      const original = vscode.window.createStatusBarItem;
      const patched = (...args: Parameters<typeof original>) => {
        const item = original(...args);
        items.push(item);
        return item;
      };
      Object.assign(vscode.window, { createStatusBarItem: patched });
      window = await reopen(host);
      Object.assign(vscode.window, { createStatusBarItem: original });
    };
    const shows = (what: RegExp) =>
      until(`it says ${what}`, () => what.test(items[0]?.text ?? '') || undefined);

    afterEach(() => window.dispose());

    it('which sandbox it is on, and for how long', async () => {
      await watched(hosts[0]);
      match(items[0]?.text ?? '', new RegExp(`${record.id} · .* left$`));
    });

    it('what another window does with it, up to its end', async () => {
      const [made] = await makeSandboxes(1);
      ok(made);
      const sandbox = await fleet.account('a0').confirm(made.id);
      const host = await ssh.setUp(sandbox ?? fail(), new AbortController().signal);
      await watched(host);
      const other = new Fleet(async () => openSharing({ folder, log }));
      other.addAccount(accounts[0] ?? fail(), async () => lent);
      const elsewhere = other.account('a0');
      await elsewhere.confirm(made.id);
      await elsewhere.change(made.id, 'pause');
      await shows(/ · paused$/);
      await elsewhere.delete(made.id);
      await shows(/ · no longer exists$/);
      equal(items[0]?.command, undefined);
      other.dispose();
    });

    it('its sandbox as soon as it can be asked for, however it began', async () => {
      const tired: Provider = new Proxy(lent, {
        get: (target, name) => {
          if (!isOffline || (name !== 'get' && name !== 'list')) return Reflect.get(target, name, target);
          return () => Promise.reject(new ProviderError('network', 'There is no network.'));
        },
      });
      let isOffline = true;
      const account = { id: 'a3', name: 'A3', provider: 'leap0' };
      fleet.addAccount(account, async () => tired);
      const host = await (
        await ssh.integration()
      ).add({ account, sandbox: { ...record, key: 'k', name: 'n' } });
      const told = await toldDuring('showWarningMessage', () => watched(host));
      deepEqual(
        told.map(({ message }) => message),
        ['There is no network.'],
      );
      await until('the list could not be read', () => fleet.viewOf('a3')?.error);
      isOffline = false;
      await shows(new RegExp(`${record.id} · `));
      fleet.removeAccount('a3');
    });
  });

  it('minds its own business on any other host', async () => {
    const before = logged.length;
    for (const host of ['somebody-else', '../../etc/passwd', '7b22686f']) (await reopen(host)).dispose();
    deepEqual(logged.slice(before), []);
  });

  describe('or a link to it', () => {
    const opened: unknown[][] = [];
    const follow = async (address: string): Promise<void> => {
      let handler: vscode.UriHandler | undefined;
      const { registerUriHandler } = vscode.window;
      Object.assign(vscode.window, {
        registerUriHandler: (given: vscode.UriHandler) => {
          handler = given;
          return { dispose: () => {} };
        },
      });
      registerUris({ fleet, ssh, log, view: { nodeOf } } as unknown as Parts);
      Object.assign(vscode.window, { registerUriHandler });
      const { executeCommand } = vscode.commands;
      Object.assign(vscode.commands, {
        executeCommand: async (id: string, ...args: unknown[]) => {
          if (id !== 'vscode.openFolder' && id !== 'vscode.newWindow') return executeCommand(id, ...args);
          return void opened.push(args);
        },
      });
      await handler?.handleUri(vscode.Uri.parse(`vscode://sandbox-explorer.sandbox-explorer${address}`));
      Object.assign(vscode.commands, { executeCommand });
    };

    it('opens nothing before the user has agreed, by the names of both', async () => {
      const asked = answerNextWarning('');
      await follow(`/open?account=a0&id=${record.id}`);
      equal(asked[0]?.message, `Open the sandbox ${record.id} of the account A0?`);
      deepEqual(opened, []);
    });

    it('opens it in the folder of the link', async () => {
      const integration = await ssh.integration();
      const { account } = fleet.account('a0');
      const survey = await integration.survey({ account, sandbox: await sandboxIn(0) });
      await survey.include(await survey.plan(integration.configFile));
      answerNextWarning('Open');
      await follow(`/open?account=a0&id=${record.id}&folder=%2Fhome%2Fuser%2Fa%20b`);
      const uri = opened[0]?.[0] as vscode.Uri | undefined;
      equal(uri?.toString(true), `vscode-remote://ssh-remote+${hosts[0]}/home/user/a b`);
    });

    it('is refused, and never written down, when it is anything else', async () => {
      const before = logged.length;
      for (const address of [
        '/delete?account=a0&id=secret-x',
        '/open?account=a0',
        '/open?account=a0&id=secret-x&id=secret-y',
        '/open?account=a0&id=secret-x&folder=secret-relative',
        '/open?account=secret-nobody&id=secret-x',
        `/open?account=a0&id=secret-${'x'.repeat(2_000)}`,
      ]) {
        const told = await toldDuring('showErrorMessage', () => follow(address));
        equal(told.length, 1, address);
        ok(!told[0]?.message.includes('secret'), told[0]?.message);
      }
      deepEqual(
        logged.slice(before).filter((text) => text.includes('secret')),
        [],
      );
      equal(opened.length, 1);
    });
  });
});

function fail(): never {
  throw new Error('There is no such account');
}

/** Takes back an answer that nobody has asked for. */
function answeredNothing(asked: readonly unknown[]): void {
  if (asked.length === 0) void vscode.window.showWarningMessage('', {}, '');
}
