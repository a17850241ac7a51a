import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SandboxService, secret, startSandboxService } from '../../tools/sandboxService.mts';
import { Window } from '../../tools/window.mts';

let folder: string;
let service: SandboxService;
let opened: Window[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-'));
  service = await startSandboxService(3);
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((window) => window.kill()));
  service.close();
  await rm(folder, { recursive: true });
});

/** Opens so many windows at once, and waits until all of them show the list with its details. */
async function open(count: number, shared = folder): Promise<Window[]> {
  const windows = await Promise.all(Array.from({ length: count }, () => Window.open(shared, service.origin)));
  opened.push(...windows);
  await Promise.all(windows.map((window) => window.run('show')));
  await Promise.all(windows.map((window) => window.run('seesRow', '^s0 running .*2 vCPU')));
  return windows;
}

const lists = () => service.asked.filter((call) => call === 'GET /v1/sandboxes').length;

/** Everything that windows have written for each other. */
async function written(): Promise<{ path: string; text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  // A file on its way to its place is gone from where it was written by the time it is read.
  const read = (path: string) => readFile(path, 'utf8').catch(() => undefined);
  const files = await Promise.all(paths.map(async (path) => ({ path, text: await read(path) })));
  return files.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));
}

describe('windows in processes of their own', { timeout: 60_000 }, () => {
  it('read a list and its details once for all, however many open at once', async () => {
    await open(3);
    const details = ['s0', 's1', 's2'].map((id) => `GET /v1/sandbox/${id}/`);
    expect(service.asked.toSorted()).toEqual([...details, 'GET /v1/sandboxes'].toSorted());
  });

  it('see what one of them creates, pauses, renames and deletes', async () => {
    const [a, b] = (await open(2)) as [Window, Window];
    const id = await a.run('create');
    await b.run('seesRow', `^${id} running`);
    await b.run('rename', id, 'mine');
    await a.run('seesRow', '^mine running');
    await a.run('pause', id);
    await b.run('seesRow', '^mine paused');
    await b.run('delete', id);
    await a.run('seesRows', 3);
    expect(lists()).toBe(1);
  });

  it('lose no name when they give names at once', async () => {
    const windows = (await open(3)) as [Window, Window, Window];
    const late = (await open(1))[0];
    await Promise.all(windows.map((window, index) => window.run('rename', `s${index}`, `name-${index}`)));
    for (const index of [0, 1, 2]) await late?.run('seesRow', `^name-${index} `);
  });

  it('do not wait long for one that has crashed while it read the list', async () => {
    const [a] = (await open(1)) as [Window];
    service.hold = true;
    void a.run('refresh').catch(() => undefined);
    await expect.poll(lists).toBe(2);
    await a.kill();
    service.hold = false;
    const [b] = (await open(1)) as [Window];
    await b.run('refresh');
    expect(lists()).toBe(3);
  });

  it('write down no secret of a sandbox', async () => {
    const [a] = (await open(1)) as [Window];
    await a.run('rename', 's0', 'mine');
    await expect.poll(async () => JSON.stringify(await written())).toContain('template');
    expect(JSON.stringify(await written())).not.toContain(secret);
  });

  it('read the list themselves when what is shared is broken, and mend it', async () => {
    await (await open(1))[0]?.kill();
    for (const { path, text } of await written()) await writeFile(path, text.slice(0, text.length / 2));
    service.asked.length = 0;
    await open(1);
    expect(lists()).toBe(1);
    await open(1);
    expect(lists()).toBe(1);
  });

  it('work alone, each with its own names, where nothing can be written', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const [a, b] = (await open(2, file)) as [Window, Window];
    expect(lists()).toBe(2);
    await expect(a.run('rename', 's0', 'mine')).rejects.toThrow('The name could not be saved');
    await a.run('refresh');
    await a.run('seesRow', '^mine running');
    await b.run('pause', 's1');
    await b.run('seesRow', '^s1 paused');
  });
});
