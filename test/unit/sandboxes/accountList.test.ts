import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { once } from '../../../src/common/once.ts';
import type { AccountSettings } from '../../../src/sandboxes/account.ts';
import { AccountList } from '../../../src/sandboxes/accountList.ts';
import { openSharing } from '../../../src/sharing/folder.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const account = (id: string, name = id): AccountSettings => ({ id, name, provider: 'leap0' });

let folder: string;
/** What is in settings.json. */
let settings: readonly AccountSettings[];
/** Windows that tell the others what was written. */
let telling: Promise<void>[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-'));
  settings = [];
  telling = [];
});

afterEach(async () => {
  await Promise.all(telling);
  await rm(folder, { recursive: true });
});

/** A window of an editor that tells it of what it writes itself, but not of what the others write. */
class DeafWindow {
  readonly list: AccountList;
  opened = 0;
  isReadOnly = false;
  #known = settings;

  constructor(shared = folder) {
    const share = once(async () => {
      this.opened++;
      return openSharing({ folder: shared, log });
    });
    const list = { read: () => this.#known, write: (accounts: typeof settings) => this.#write(accounts) };
    this.list = new AccountList({ settings: list, share, since: Date.now() });
    onTestFinished(() => this.list.dispose());
  }

  get names(): string[] {
    return this.list.accounts.map(({ name }) => name);
  }

  /** The user writes the settings in this window. */
  edit(accounts: typeof settings): Promise<void> {
    settings = accounts;
    this.#known = accounts;
    return this.list.hearOfSettings();
  }

  add = (id: string) => this.list.change((accounts) => [...accounts, account(id)]);
  remove = (id: string) => this.list.change((accounts) => accounts.filter((one) => one.id !== id));
  rename = (id: string, name: string) =>
    this.list.change((accounts) => accounts.map((one) => (one.id === id ? { ...one, name } : one)));

  async #write(accounts: typeof settings): Promise<void> {
    if (this.isReadOnly) throw new Error('The file has unsaved changes.');
    await new Promise((resolve) => setTimeout(resolve, 5));
    telling.push(this.edit(accounts));
  }
}

const names = () => settings.map(({ name }) => name);

describe('windows that are not told of the settings that others write', () => {
  it('open nothing before they are used', () => {
    expect(new DeafWindow().opened).toBe(0);
  });

  it('find what was added, renamed and removed before they were used', async () => {
    settings = [account('a'), account('b')];
    const [one, other] = [new DeafWindow(), new DeafWindow()];
    await one.add('c');
    await one.rename('b', 'B');
    await one.remove('a');
    expect(other.names).toEqual(['a', 'b']);
    await other.list.heed();
    expect(other.names).toEqual(['B', 'c']);
  });

  it('hear of it while they are used, and are told once', async () => {
    const [one, other] = [new DeafWindow(), new DeafWindow()];
    await other.list.heed();
    const heard: string[][] = [];
    other.list.onDidChange(() => heard.push(other.names));
    await one.add('a');
    await expect.poll(() => heard, { timeout: 30_000 }).toEqual([['a']]);
    await other.list.heed();
    expect(heard).toEqual([['a']]);
  });

  it('change what the others have made of the list, and lose none of it', async () => {
    const [one, other] = [new DeafWindow(), new DeafWindow()];
    await one.add('a');
    await other.add('b');
    await one.add('c');
    expect(names()).toEqual(['a', 'b', 'c']);
    await other.remove('a');
    await one.rename('c', 'C');
    expect(names()).toEqual(['b', 'C']);
  });

  it('change it one after the other when they do so at once, a single one, too', async () => {
    const [one, other] = [new DeafWindow(), new DeafWindow()];
    await Promise.all([one.add('a'), other.add('b'), one.add('c'), other.add('d')]);
    await Promise.all([one.rename('a', 'A'), one.rename('b', 'B'), other.rename('c', 'C')]);
    expect(names().toSorted()).toEqual(['A', 'B', 'C', 'd']);
  });
});

describe('what the user writes by hand', () => {
  it('is followed, and told to the other windows', async () => {
    const [one, other] = [new DeafWindow(), new DeafWindow()];
    await one.add('a');
    await other.edit([account('a', 'mine'), account('b')]);
    expect(other.names).toEqual(['mine', 'b']);
    await one.list.heed();
    expect(one.names).toEqual(['mine', 'b']);
    await one.rename('b', 'B');
    expect(names()).toEqual(['mine', 'B']);
  });

  it('holds in the windows that are opened after it, whatever was told before', async () => {
    await new DeafWindow().add('a');
    await new Promise((resolve) => setTimeout(resolve, 5));
    settings = [account('b')];
    const late = new DeafWindow();
    await late.list.heed();
    expect(late.names).toEqual(['b']);
    await late.add('c');
    expect(names()).toEqual(['b', 'c']);
  });

  it('holds although the clock was set back since the last change', async () => {
    const one = new DeafWindow();
    await openSharing({ folder, log }).accounts.list.update(() => ({
      accounts: [account('a')],
      changedAt: Date.now() + 3_600_000,
    }));
    await one.list.heed();
    await one.edit([account('b')]);
    const other = new DeafWindow();
    await other.list.heed();
    for (const window of [one, other]) expect(window.names).toEqual(['b']);
  });
});

describe('a change that cannot be made', () => {
  it('is told, and changes nothing for anybody', async () => {
    const [one, other] = [new DeafWindow(), new DeafWindow()];
    await one.add('a');
    one.isReadOnly = true;
    await expect(one.add('b')).rejects.toThrow('unsaved changes');
    await other.list.heed();
    for (const window of [one, other]) expect(window.names).toEqual(['a']);
  });

  it('is made once, in this window, where nothing can be shared', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const window = new DeafWindow(file);
    await window.list.heed();
    await window.add('a');
    await window.add('b');
    expect(window.names).toEqual(['a', 'b']);
    expect(names()).toEqual(['a', 'b']);
  });
});
