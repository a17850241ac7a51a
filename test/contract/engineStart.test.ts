import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLocal } from '../../src/providers/index.ts';
import { startEngine } from '../../src/providers/local/engineProcess.ts';
import type { Provider } from '../../src/sandboxes/provider.ts';
import { stopEngine } from '../tools/engine.mts';
import { root } from '../tools/paths.mts';

let dataFolder: string;
const written: string[] = [];
const hidden: string[] = [];
const providers: Provider[] = [];

const options = () => ({
  program: join(root, 'dist/engine.js'),
  dataFolder,
  log: { debug: () => {}, info: (line: string) => written.push(line), warn: () => {}, error: () => {} },
  hide: (secret: string) => hidden.push(secret),
  timeouts: () => ({ callMs: 30_000, createMs: 30_000 }),
});

/** Another window, or another editor, of the same user. */
function open(): Provider {
  const provider = openLocal(options());
  providers.push(provider);
  return provider;
}

function create(provider: Provider) {
  const template = provider.createLimits.templates[0] ?? '';
  return provider.create({ template, vcpu: 1, memoryMib: 512, timeoutMinutes: 5, autoPause: false });
}

const enginePid = async () => Number(JSON.parse(await readFile(join(dataFolder, 'engine.json'), 'utf8')).pid);

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-'));
});

afterEach(async () => {
  for (const provider of providers.splice(0)) provider.dispose();
  await stopEngine(dataFolder);
  await rm(dataFolder, { recursive: true, force: true });
  written.length = 0;
  vi.restoreAllMocks();
});

describe('the engine', () => {
  it('is started once, however many windows look at the same time', async () => {
    const lists = await Promise.all(Array.from({ length: 6 }, () => open().list()));
    expect(lists).toEqual(Array.from({ length: 6 }, () => []));
    const pid = await enginePid();
    await open().list();
    expect(await enginePid()).toBe(pid);
  });

  it('serves what one window made to another', async () => {
    const one = open();
    const { id } = await create(one);
    expect((await open().list()).map((record) => record.id)).toEqual([id]);
  });

  it('is started again for a window that had known it, and has kept the sandboxes', async () => {
    const provider = open();
    const { id } = await create(provider);
    await stopEngine(dataFolder);
    expect(await provider.list()).toMatchObject([{ id, state: 'stopped' }]);
  });

  it('has a token that is never written down', async () => {
    await open().list();
    expect(hidden[0]?.length).toBeGreaterThan(40);
    expect(written.join('\n')).not.toContain(hidden[0]);
  });
});

describe('an engine that cannot be', () => {
  it('tells why, where its folder cannot be used', async () => {
    const failing = startEngine({ ...options(), dataFolder: '/etc/passwd/below' });
    await expect(failing).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/^The local engine did not start: .*\/etc\/passwd/s),
    });
  });

  it('tells why, where its program is missing', async () => {
    await expect(startEngine({ ...options(), program: '/nowhere/engine.js' })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('/nowhere/engine.js'),
    });
  });

  it.each(['darwin', 'win32'] as const)('says what is needed on %s', async (platform) => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue(platform);
    await expect(startEngine(options())).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'The Local account needs Linux.',
      advice: expect.stringContaining('WSL'),
    });
  });
});
