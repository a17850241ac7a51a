import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ActivityMonitor } from '../../../src/engine/activity.ts';
import { LogFile } from '../../../src/engine/logFile.ts';
import { parseOptions, UsageError } from '../../../src/engine/options.ts';
import { Deadline } from '../../../src/engine/sandbox/deadline.ts';
import { sandboxRecord } from '../../../src/engine/sandbox/record.ts';
import { SandboxStore } from '../../../src/engine/sandbox/store.ts';
import { dataFolderAt, prepareSubfolders } from '../../../src/engine/dataFolder.ts';
import { Trash } from '../../../src/engine/storage/trash.ts';
import { isAuthorized, loadOrCreateToken } from '../../../src/engine/token.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'engine-unit-'))));
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

describe('the command line', () => {
  it('knows its options and their defaults', () => {
    expect(parseOptions(['--data', '/d'])).toEqual({
      dataDir: '/d',
      listen: undefined,
      idleExitSeconds: 600,
      printEnvironment: false,
    });
    const all = ['--data', '/d', '--listen', '[::1]:80', '--idle-exit', '0', '--print-environment'];
    expect(parseOptions(all)).toEqual({
      dataDir: '/d',
      listen: { host: '::1', port: 80 },
      idleExitSeconds: 0,
      printEnvironment: true,
    });
  });

  it.each([
    [[]],
    [['--data']],
    [['x', '--data', '/d']],
    [['--data', '/d', '--listen', 'localhost:1']],
    [['--data', '/d', '--idle-exit', '-1']],
    [['--data', '/d', '--print-environment']],
  ])('refuses %j', (argv) => expect(() => parseOptions(argv)).toThrow(UsageError));
});

describe('the token', () => {
  it('is made once and kept', async () => {
    const path = join(folder, 'token');
    const token = await loadOrCreateToken(path);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await loadOrCreateToken(path)).toBe(token);
  });

  it.each([
    ['others could read it', (path: string) => chmodSync(path, 0o644)],
    ['it is malformed', (path: string) => writeFileSync(path, 'x')],
  ])('is made anew when %s', async (_, spoil) => {
    const path = join(folder, 'token');
    const token = await loadOrCreateToken(path);
    spoil(path);
    expect(await loadOrCreateToken(path)).not.toBe(token);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is taken as a bearer, and raw', () => {
    for (const header of ['Bearer secret', 'bearer  secret', 'secret']) {
      expect(isAuthorized(header, 'secret')).toBe(true);
    }
    for (const header of [
      '',
      'Basic secret',
      'Bearer secret2',
      'secret2',
      'Bearer ',
      'Bearer',
      'secret, secret',
    ]) {
      expect(isAuthorized(header, 'secret')).toBe(false);
    }
  });
});

describe('the log', () => {
  it('stays small, and keeps the part before', () => {
    const path = join(folder, 'engine.log');
    const log = new LogFile(path);
    for (let line = 0; line < 3000; line += 1) log.info('x'.repeat(1000));
    expect(statSync(path).size).toBeLessThanOrEqual(1024 * 1024);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(1024 * 1024);
  });

  it('holds one line per entry, whatever a request is called', () => {
    const path = join(folder, 'engine.log');
    new LogFile(path).warn('GET /a\n2026 info forged\u001b[2J');
    expect(readFileSync(path, 'utf8').match(/\n/g)).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).not.toContain('\u001b');
  });
});

describe('a deadline', () => {
  it('comes at its moment, even of a far one, and not when it is cleared', () => {
    vi.useFakeTimers();
    const due = vi.fn();
    const deadline = new Deadline(due);
    deadline.set(Date.now() + 8 * 3_600_000);
    vi.advanceTimersByTime(8 * 3_600_000 - 1);
    expect(due).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(due).toHaveBeenCalledOnce();
    deadline.set(Date.now() + 10);
    deadline.clear();
    vi.advanceTimersByTime(100);
    expect(due).toHaveBeenCalledOnce();
  });

  it('comes soon after the machine has slept past it', () => {
    vi.useFakeTimers();
    const due = vi.fn();
    new Deadline(due).set(Date.now() + 3_600_000);
    vi.setSystemTime(Date.now() + 7_200_000);
    vi.advanceTimersByTime(30_000);
    expect(due).toHaveBeenCalledOnce();
  });
});

it('the engine is idle since the last one left, however often they say so', () => {
  vi.useFakeTimers();
  const activity = new ActivityMonitor();
  const [one, two] = [activity.enter(), activity.enter()];
  one();
  one();
  vi.advanceTimersByTime(1000);
  expect(activity.idleMs()).toBe(0);
  two();
  vi.advanceTimersByTime(1000);
  expect(activity.idleMs()).toBe(1000);
});

describe('the sandboxes on disk', () => {
  const record = {
    id: 'sbx-abcdefghijkl',
    template: 't',
    vcpu: 1,
    memoryMib: 512,
    timeoutSeconds: 60,
    autoPause: false,
    envVars: { A: 'b' },
    wantedNetwork: 'deny-all' as const,
    network: 'deny-all' as const,
    warnings: [],
    state: 'running' as const,
    createdAt: 1,
    launchedAt: 1,
    stateChangedAt: 1,
    timeoutAt: 2,
  };

  it('are found again as they were saved, closed to others', async () => {
    const data = dataFolderAt(folder);
    prepareSubfolders(data);
    const trash = new Trash(data.trash);
    const store = new SandboxStore(data, trash);
    await store.make(record.id);
    await store.save(record);
    expect(store.load()).toEqual({ records: [record], unreadable: [] });
    expect(statSync(join(data.sandboxes, record.id, 'sandbox.json')).mode & 0o777).toBe(0o600);
  });

  it('are thrown away when half made, and left alone when they cannot be read', async () => {
    const data = dataFolderAt(folder);
    prepareSubfolders(data);
    const trash = new Trash(data.trash);
    const store = new SandboxStore(data, trash);
    await store.make('sbx-halfhalfhalf');
    await store.make(record.id);
    writeFileSync(join(data.sandboxes, record.id, 'sandbox.json'), '{"id": 1}');
    expect(store.load()).toEqual({ records: [], unreadable: [record.id] });
    expect(trash.names()).toEqual(['sbx-halfhalfhalf']);
  });

  it('are found as they were when an engine crashed while it saved them, without what it had begun', async () => {
    const data = dataFolderAt(folder);
    prepareSubfolders(data);
    const store = new SandboxStore(data, new Trash(data.trash));
    await store.make(record.id);
    await store.save(record);
    writeFileSync(
      join(store.folderOf(record.id), 'sandbox.json.0b54a5ba-3e6b-4f0a-9d53-1c0fdc3fd1d6'),
      '{"id": "sb',
    );
    expect(store.load().records).toEqual([record]);
    expect(readdirSync(store.folderOf(record.id)).toSorted()).toEqual(['disk', 'sandbox.json']);
  });

  it('have names that are no paths', () => {
    expect(sandboxRecord.entries.id.pipe[1].requirement.test('sbx-../../etc/pa')).toBe(false);
  });
});
