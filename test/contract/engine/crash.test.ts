import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { processesWith } from './hosts.ts';
import { newDataDir, startEngine, removeProgram } from './startEngine.ts';

afterAll(removeProgram);

/** As many as fit into a suite that runs often; `npm run test:crash` says more. */
const kills = Number(process.env['ENGINE_KILLS'] ?? 8);

/** What has been answered: sandboxes and snapshots, each with what is written on its disk. */
interface Answered {
  sandboxes: Map<string, string>;
  snapshots: Map<string, string>;
}

describe('an engine that is killed while it is busy', () => {
  let dataDir: string;
  const answered: Answered = { sandboxes: new Map(), snapshots: new Map() };

  beforeAll(() => (dataDir = newDataDir()));
  afterAll(() => rmSync(dataDir, { recursive: true }));

  it.each(Array.from({ length: kills }, (_, kill) => kill + 1))(
    'loses nothing that it had answered (kill %i)',
    async (kill) => {
      const engine = await startEngine({ dataDir });
      const client = new Client(engine);
      await findsEverything(client, answered);
      await findsContents(client, answered, kill);
      const workers = [workOnSandboxes, workOnSandboxes, workOnSnapshots, workOnFiles].map((work) =>
        untilItFails(work, client, answered),
      );
      await delay(100 + Math.random() * 900);
      await engine.crash();
      await Promise.all(workers);
    },
  );

  it('leaves no process, nothing half-made and nothing thrown away', async () => {
    const engine = await startEngine({ dataDir });
    const client = new Client(engine);
    await findsEverything(client, answered);
    const others = () => processesWith(dataDir).filter((line) => !line.startsWith(`${engine.pid} `));
    await eventually(() => expect(others()).toEqual([]));
    await eventually(() => expect(readdirSync(join(dataDir, 'trash'))).toEqual([]));
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(dataDir);
    for (const [kind, folder] of [
      ['sandboxes', 'sandboxes'],
      ['snapshots', 'snapshots'],
    ]) {
      const known = (await list(client, `/v1/${kind}`)).map(({ id }) => id);
      expect(readdirSync(join(dataDir, folder ?? '')).toSorted()).toEqual(known.toSorted());
    }
    await engine.stop();
  });
});

async function findsEverything(client: Client, { sandboxes, snapshots }: Answered): Promise<void> {
  for (const sandbox of sandboxes.keys()) expect(await client.state(sandbox)).toBe('stopped');
  const names = (await list(client, '/v1/snapshots')).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Array.from(snapshots.keys())));
}

/** Looks into one of each. */
async function findsContents(
  client: Client,
  { sandboxes, snapshots }: Answered,
  kill: number,
): Promise<void> {
  const [sandbox, mark] = pick(sandboxes, kill);
  if (sandbox) {
    expect((await client.call('POST', `${sandbox}/start`)).status).toBe(200);
    expect(await client.run(sandbox, 'cat mark')).toBe(mark);
  }
  const [snapshot, kept] = pick(snapshots, kill);
  if (snapshot) {
    const { body } = await client.call('POST', '/v1/snapshot/restore', {
      snapshot_name: snapshot,
      timeout: 3600,
    });
    expect(await client.run(`/v1/sandbox/${body.id}`, 'cat mark')).toBe(kept);
    await client.call('DELETE', `/v1/sandbox/${body.id}`);
  }
}

const pick = (map: Map<string, string>, index: number) =>
  Array.from(map)[index % Math.max(1, map.size)] ?? [];

async function list(client: Client, path: string): Promise<{ id: string; name: string }[]> {
  const items: { id: string; name: string }[] = [];
  for (let page = 1; ; page += 1) {
    const { body } = await client.call('GET', `${path}?page-size=100&page=${page}`);
    items.push(...body.items);
    if (items.length >= body.total_items) return items;
  }
}

type Work = (client: Client, answered: Answered, round: number) => Promise<void>;

async function untilItFails(work: Work, client: Client, answered: Answered): Promise<void> {
  try {
    for (let round = 0; ; round += 1) await work(client, answered, round);
  } catch {
    // The engine is gone, which is the point.
  }
}

const workOnSandboxes: Work = async (client, { sandboxes }, round) => {
  const sandbox = await client.create();
  const mark = `${Math.random()}\n`;
  await client.run(sandbox, `printf %s '${mark}' > mark; sleep 600 >/dev/null 2>&1 &`);
  sandboxes.set(sandbox, mark);
  await client.terminal(sandbox);
  if (round % 2 === 0) await client.call('POST', `${sandbox}/pause`);
  if (round % 3 === 0) await client.call('POST', `${sandbox}/stop`);
  if (round % 3 > 0) {
    // Once it is asked for, a deletion may happen although nobody is told.
    sandboxes.delete(sandbox);
    await client.call('DELETE', sandbox);
  }
};

const workOnSnapshots: Work = async (client, { snapshots }, round) => {
  const sandbox = await client.create();
  const mark = `${Math.random()}\n`;
  await client.run(sandbox, `printf %s '${mark}' > mark; head -c 20M /dev/zero > more`);
  const { status, body } = await client.call('POST', `${sandbox}/snapshot/create`, {
    kill_sandbox_after: round % 2 === 0,
  });
  if (status !== 201) throw new Error(`snapshot: ${status} ${JSON.stringify(body)}`);
  snapshots.set(body.name, mark);
  await client.call('DELETE', sandbox);
  if (round % 3 > 0) {
    snapshots.delete(body.name);
    await client.call('DELETE', `/v1/snapshot/${body.id}`);
  }
};

/** Writes a file again and again; a mark that was not answered may be there, but never half of one. */
const workOnFiles: Work = async (client, { sandboxes }) => {
  const sandbox = await client.create();
  const mark = `${Math.random()}\n`.repeat(10_000);
  const path = `${sandbox}/filesystem/write-file?path=/home/user/mark`;
  const headers = { 'content-type': 'application/octet-stream' };
  const { status } = await client.call('POST', path, undefined, { raw: mark, headers });
  if (status !== 204) throw new Error(`write: ${status}`);
  sandboxes.set(sandbox, mark);
  // Whatever becomes of this one, it must not leave a part of itself.
  await client.call('POST', path, undefined, { raw: mark, headers });
};
