import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SharedFile } from '../../../src/sharing/sharedFile.ts';

let folder: string;
let path: string;
const complain = vi.fn<(problem: unknown) => void>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-'));
  path = join(folder, 'below', 'count.json');
  complain.mockReset();
});

afterEach(() => rm(folder, { recursive: true }));

const open = (at = path) => new SharedFile(at, v.number(), complain);

/** Counts in a process of its own. */
async function count(times: number, end = ''): Promise<void> {
  const execArgv = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
  const counter = fork(join(import.meta.dirname, 'counter.mts'), [path, String(times), end], { execArgv });
  await once(counter, 'exit');
}

describe('a shared file', () => {
  it('is nothing until it is written, and then what was written last', async () => {
    expect(await open().read()).toBeUndefined();
    expect(await open().update((now) => (now ?? 40) + 1)).toBe(41);
    expect(await open().update((now) => (now ?? 40) + 1)).toBe(42);
    expect(await open().read()).toBe(42);
  });

  it('can be read by its owner alone', async () => {
    await open().update(() => 1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'below'))).mode & 0o777).toBe(0o700);
  });

  it('is not written when nothing changes', async () => {
    await open().update(() => 1);
    const { mtimeMs, ino } = await stat(path);
    await open().update((now) => now ?? 0);
    expect(await stat(path)).toMatchObject({ mtimeMs, ino });
  });

  it('loses no change of windows that write at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => open().update((now = 0) => now + 1)));
    await Promise.all([count(20), count(20), count(20)]);
    expect(await open().read()).toBe(68);
  }, 30_000);

  it('can be written after a window has crashed while it was writing', async () => {
    await count(1, 'crash');
    expect(await open().update((now = 0) => now + 1)).toBe(1);
  }, 30_000);

  it('is rid of what a window had begun to write when it crashed, and of nothing else', async () => {
    await open().update(() => 1);
    const others = ['count.json.unreadable', 'count.json.later', `other.json.${randomUUID()}`];
    for (const name of [`count.json.${randomUUID()}`, ...others]) {
      await writeFile(join(folder, 'below', name), '');
    }
    await open().update(() => 2);
    expect((await readdir(join(folder, 'below'))).toSorted()).toEqual(['count.json', ...others].toSorted());
  });

  it('can be written although such a beginning cannot be removed', async () => {
    await open().update(() => 1);
    // As with a file that somebody has open on Windows, removing a folder like a file fails.
    await mkdir(join(folder, 'below', `count.json.${randomUUID()}`));
    expect(await open().update(() => 2)).toBe(2);
    expect(await open().read()).toBe(2);
    expect(complain).not.toHaveBeenCalled();
  });

  it('tells those who watch that somebody else has changed it, until they look away', async () => {
    const heard = vi.fn();
    const watch = open().watch(heard);
    await count(1);
    await vi.waitFor(() => expect(heard).toHaveBeenCalled(), 10_000);
    watch.dispose();
    heard.mockReset();
    await open().update(() => 7);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(heard).not.toHaveBeenCalled();
  }, 30_000);
});

describe('a file that cannot be understood', () => {
  it.each([
    ['empty', ''],
    ['broken', '{"a": '],
    ['of another kind', '{"version": 7}'],
  ])('counts as not written, and is put aside when it is written again: %s', async (_, text) => {
    await mkdir(join(folder, 'below'));
    await writeFile(path, text);
    expect(await open().read()).toBeUndefined();
    expect(await open().update((now) => now ?? 5)).toBe(5);
    expect(await open().read()).toBe(5);
    expect(await readFile(`${path}.unreadable`, 'utf8')).toBe(text);
    expect(complain).not.toHaveBeenCalled();
  });

  it('is put aside beside one that was before', async () => {
    await mkdir(join(folder, 'below'));
    for (const text of ['first', 'second', 'third']) {
      await writeFile(path, text);
      await open().update((now) => now ?? 5);
    }
    const copies = ['.unreadable', '.unreadable-2', '.unreadable-3'].map((end) => `${path}${end}`);
    expect(await Promise.all(copies.map((copy) => readFile(copy, 'utf8')))).toEqual([
      'first',
      'second',
      'third',
    ]);
  });
});

describe('a place that cannot be used', () => {
  it('is told to whoever reads, changes nothing, and is complained of', async () => {
    await mkdir(path, { recursive: true });
    await expect(open().read()).rejects.toThrow('EISDIR');
    await expect(open().update(() => 1)).rejects.toThrow('EISDIR');
    expect(complain).toHaveBeenCalledTimes(1);
  });

  it('is told to whoever writes', async () => {
    await writeFile(join(folder, 'file'), '');
    const file = open(join(folder, 'file', 'below.json'));
    await expect(file.update(() => 1)).rejects.toThrow('EEXIST');
    expect(complain).toHaveBeenCalledTimes(1);
  });
});
