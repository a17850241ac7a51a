import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { processesWith } from './hosts.ts';
import { newDataDir, startEngine, removeProgram } from './startEngine.ts';

afterAll(removeProgram);

const kills = 8;

/** What has been answered: the sandboxes that there are, and what is written on their disks. */
type Answered = Map<string, string>;

it('an engine that is killed at any moment loses nothing that it has answered, and leaves nothing else', async () => {
  const dataDir = newDataDir();
  const answered: Answered = new Map();
  for (let kill = 0; kill < kills; kill += 1) {
    const engine = await startEngine({ dataDir });
    const client = new Client(engine);
    for (const sandbox of answered.keys()) expect(await client.state(sandbox)).toBe('stopped');
    const [sandbox, mark] = Array.from(answered)[kill % Math.max(1, answered.size)] ?? [];
    if (sandbox) {
      await client.call('POST', `${sandbox}/start`);
      expect(await client.run(sandbox, 'cat mark')).toBe(mark);
    }
    const workers = [1, 2, 3].map(() => workUntilItFails(client, answered));
    await delay(100 + Math.random() * 600);
    await engine.crash();
    await Promise.all(workers);
  }
  const engine = await startEngine({ dataDir });
  const others = () => processesWith(dataDir).filter((line) => !line.startsWith(`${engine.pid} `));
  await eventually(() => expect(others()).toEqual([]));
  await eventually(() => expect(readdirSync(join(dataDir, 'trash'))).toEqual([]));
  await engine.stop();
  rmSync(dataDir, { recursive: true });
}, 120_000);

async function workUntilItFails(client: Client, answered: Answered): Promise<void> {
  try {
    for (let round = 0; ; round += 1) {
      const sandbox = await client.create();
      const mark = `${Math.random()}\n`;
      await client.run(sandbox, `printf %s '${mark}' > mark; sleep 600 >/dev/null 2>&1 &`);
      answered.set(sandbox, mark);
      await client.terminal(sandbox);
      if (round % 2 === 0) await client.call('POST', `${sandbox}/pause`);
      if (round % 3 === 0) await client.call('POST', `${sandbox}/stop`);
      if (round % 3 > 0) {
        // Once it is asked for, a deletion may happen although nobody is told.
        answered.delete(sandbox);
        await client.call('DELETE', sandbox);
      }
    }
  } catch {
    // The engine is gone, which is the point.
  }
}
