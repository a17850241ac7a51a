import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { growthOf } from './memory.ts';
import { removeProgram, startForTest } from './startEngine.ts';

afterAll(removeProgram);

it('a terminal stops a program whose output is not read, and keeps little to be shown before the answer to Ctrl+C', async () => {
  const engine = await startForTest();
  const client = new Client(engine);
  const sandbox = await client.create();
  const screen = await (await client.terminal(sandbox)).prompt();
  screen.socket.pause();
  const written = async () =>
    Number(await client.run(sandbox, "awk '/^wchar/ { print $2 }' /proc/$(pgrep -x yes)/io"));
  const grown = await growthOf(engine.pid, async () => {
    screen.type('yes\r');
    await eventually(async () => {
      const before = await written();
      expect(before).toBeGreaterThan(0);
      await delay(500);
      expect(await written()).toBe(before);
    });
  });
  expect(grown).toBeLessThan(16);
  screen.clear();
  screen.type('\u0003');
  screen.socket.resume();
  await screen.prompt();
  expect(screen.text.length).toBeLessThan(800_000);
});
