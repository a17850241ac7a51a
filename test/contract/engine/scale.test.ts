import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, type Screen } from './client.ts';
import { descendantsOf } from './hosts.ts';
import { dispose, startEngine, type RunningEngine, removeProgram } from './startEngine.ts';

afterAll(removeProgram);

const sandboxCount = 50;
const terminalsEach = 2;

describe('fifty sandboxes with a hundred terminals on one engine', () => {
  let engine: RunningEngine;
  let client: Client;
  let sandboxes: string[];
  let screens: Screen[];

  beforeAll(async () => {
    engine = await startEngine();
    client = new Client(engine);
  });
  afterAll(() => dispose(engine));

  it('are made when they are asked for all at once', async () => {
    sandboxes = await Promise.all(Array.from({ length: sandboxCount }, () => client.create()));
    expect(new Set(sandboxes).size).toBe(sandboxCount);
    const { body } = await client.call('GET', '/v1/sandboxes?state=running&page-size=100');
    expect(body.total_items).toBe(sandboxCount);
    const places = sandboxes.flatMap((sandbox) => Array.from({ length: terminalsEach }, () => sandbox));
    screens = await Promise.all(places.map((sandbox) => client.terminal(sandbox)));
    await Promise.all(screens.map((screen) => screen.shows(/\$ $/, 30_000)));
  });

  it('each answer in their own terminal and nowhere else', async () => {
    await Promise.all(
      screens.map(async (screen, index) => {
        screen.type(`echo mark""er-${index}-$(hostname)\r`);
        await screen.shows(new RegExp(`marker-${index}-sbx-`), 30_000);
      }),
    );
    for (const [index, screen] of screens.entries()) {
      const hostname = sandboxes[Math.floor(index / terminalsEach)]?.slice('/v1/sandbox/'.length, 21);
      expect(screen.text.match(/marker-\S+/g)).toEqual([`marker-${index}-${hostname}`]);
    }
  });

  it('can be paused and woken all at once, and their terminals go on', async () => {
    const paused = await Promise.all(sandboxes.map((sandbox) => client.call('POST', `${sandbox}/pause`)));
    expect(new Set(paused.map(({ status }) => status))).toEqual(new Set([201]));
    const codes = await Promise.all(screens.map((screen) => screen.closed));
    expect(new Set(codes)).toEqual(new Set([4001]));
    const again = await Promise.all(screens.map((screen) => client.connect(screen.session)));
    await Promise.all(
      again.map(async (screen, index) => {
        screen.type(`echo aw""ake-${index}\r`);
        await screen.shows(`awake-${index}\r`, 30_000);
      }),
    );
  });

  it('leave nothing when they are deleted all at once', async () => {
    const deleted = await Promise.all(sandboxes.map((sandbox) => client.call('DELETE', sandbox)));
    expect(new Set(deleted.map(({ status }) => status))).toEqual(new Set([204]));
    expect((await client.call('GET', '/v1/sandboxes')).body.total_items).toBe(0);
    expect(descendantsOf(engine.pid)).toEqual([]);
  });
});
