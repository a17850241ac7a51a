import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { eventually } from './client.ts';
import { descendantsOf, isRunning, listeningSockets, processesWith } from './hosts.ts';
import { newDataDir, startEngine, removeProgram, type RunningEngine } from './startEngine.ts';
import { describeForStarters, starterCount } from './starters.ts';
import { ballastBytes, keepBusy, Notes, restore, WatchedClient } from './workload.ts';

afterAll(removeProgram);

/** As many as fit into a suite that runs often; `npm run test:crash` asks for more. */
const kills = Number(process.env['ENGINE_KILLS'] ?? 4);
/** How many sandboxes, and how many snapshots, go through one crash after the other. */
const kept = 3;

describeForStarters("%s's engine that is killed while it is busy", (options) => {
  const notes = new Notes();
  const cutOff: string[] = [];
  let dataDir: string;
  let engine: RunningEngine;
  /** What ran when the engine before was killed. */
  let processes: number[] = [];

  beforeAll(() => (dataDir = newDataDir(options().user)));
  afterAll(() => {
    rmSync(dataDir, { recursive: true });
    const counts = Object.entries(Object.groupBy(cutOff, (kind) => kind)).map(
      ([kind, calls = []]) => `${kind} ${calls.length}`,
    );
    console.log(`calls that were cut off: ${counts.toSorted().join(', ')}`);
  });

  const start = async () => {
    engine = await startEngine({ ...options(), dataDir });
    const client = new WatchedClient(engine);
    await leftNothing(engine, processes);
    await lostNothing(client, notes);
    return client;
  };
  afterEach(() => engine.crash());

  it.each(Array.from({ length: Math.ceil(kills / starterCount) }, (_kill, kill) => kill + 1))(
    'loses nothing that it had answered, and leaves nothing behind (kill %i)',
    async () => {
      const client = await start();
      let isKilled = false;
      const working = Promise.allSettled([keepBusy(client, notes, () => isKilled)]);
      await delay(Math.random() * 1500);
      processes = descendantsOf(engine.pid);
      isKilled = true;
      const underWay = client.underWay();
      await engine.crash();
      for (const outcome of await working) if (outcome.status === 'rejected') throw outcome.reason;
      expect(underWay).not.toEqual([]);
      cutOff.push(...underWay);
    },
  );

  it('is none the worse for it in the end', async () => {
    await start();
    await engine.stop();
    expect(processesWith(dataDir)).toEqual([]);
    expect(listeningSockets(dataDir)).toEqual([]);
  });
});

/** No process, mount or socket, and on the disk only what is listed, each without anything half-made. */
async function leftNothing(engine: RunningEngine, processes: number[]): Promise<void> {
  const { dataDir } = engine;
  const others = () => processesWith(dataDir).filter((line) => !line.startsWith(`${engine.pid} `));
  await eventually(() => expect(others()).toEqual([]));
  await eventually(() => expect(processes.filter(isRunning)).toEqual([]));
  await eventually(() => expect(readdirSync(join(dataDir, 'trash'))).toEqual([]));
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(dataDir);
  expect(listeningSockets(dataDir)).toHaveLength(1);
  expect(readdirSync(dataDir).filter((name) => !ownFiles.includes(name))).toEqual([]);
  const client = new WatchedClient(engine);
  for (const kind of ['sandbox', 'snapshot'] as const) {
    const folder = join(dataDir, folderOf[kind]);
    const ids = readdirSync(folder);
    expect(ids.map((id) => `/v1/${kind}/${id}`).toSorted()).toEqual((await list(client, kind)).toSorted());
    const files = [`${kind}.json`, 'disk', 'etc'];
    for (const id of ids) expect(files).toEqual(expect.arrayContaining(readdirSync(join(folder, id))));
  }
}

const folderOf = { sandbox: 'sandboxes', snapshot: 'snapshots' } as const;

const ownFiles = ['token', 'sandboxes', 'snapshots', 'trash'].concat(
  ['json', 'log', 'log.1', 'sock', 'life'].map((ending) => `engine.${ending}`),
);

/** Whatever is listed can be used, and what was answered is in it. Makes room for what comes next. */
async function lostNothing(client: WatchedClient, notes: Notes): Promise<void> {
  const [sandboxes, snapshots] = [await list(client, 'sandbox'), await list(client, 'snapshot')];
  expect(sandboxes).toEqual(expect.arrayContaining(Array.from(notes.sandboxes.keys())));
  expect(snapshots).toEqual(expect.arrayContaining(Array.from(notes.snapshots.keys())));
  expect([...sandboxes, ...snapshots].filter((path) => notes.gone.has(path))).toEqual([]);
  for (const sandbox of sandboxes) {
    expect(await client.state(sandbox)).toBe('stopped');
    await client.demand(200, 'POST', `${sandbox}/start`);
    const mark = notes.sandboxes.get(sandbox);
    if (mark !== undefined) expect(await client.run(sandbox, 'cat mark')).toBe(mark);
  }
  for (const snapshot of snapshots) {
    const copy = await restore(client, snapshot);
    // One that was never answered may be there, but not a part of one.
    expect(await client.run(copy, 'stat -c %s more')).toBe(`${ballastBytes}\n`);
    const mark = await client.run(copy, 'cat mark');
    expect(mark).toBe(notes.snapshots.get(snapshot) ?? mark);
    await client.demand(204, 'DELETE', copy);
  }
  await makeRoom(client, sandboxes, notes.sandboxes);
  await makeRoom(client, snapshots, notes.snapshots);
}

/** Deletes all but a few. */
async function makeRoom(client: WatchedClient, paths: string[], noted: Map<string, string>): Promise<void> {
  const stay = new Set(Array.from(noted.keys()).slice(0, kept));
  for (const path of paths.filter((each) => !stay.has(each))) {
    noted.delete(path);
    await client.demand(204, 'DELETE', path);
  }
}

/** The paths of all there are. */
async function list(client: WatchedClient, kind: 'sandbox' | 'snapshot'): Promise<string[]> {
  const paths: string[] = [];
  for (let page = 1; ; page += 1) {
    const query = `page-size=100&page=${page}`;
    const { body } = await client.demand(200, 'GET', `/v1/${folderOf[kind]}?${query}`);
    paths.push(...body.items.map(({ id }: { id: string }) => `/v1/${kind}/${id}`));
    if (paths.length >= body.total_items) return paths;
  }
}
