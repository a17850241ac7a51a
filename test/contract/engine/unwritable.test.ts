import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { killJail } from './hosts.ts';
import { dispose, removeProgram, startEngine, type RunningEngine } from './startEngine.ts';

afterAll(removeProgram);

describe('a sandbox whose state cannot be written down', () => {
  let engine: RunningEngine;
  let client: Client;
  let sandbox: string;
  const folder = () => join(engine.dataDir, sandbox.replace('/v1/sandbox', 'sandboxes'));

  beforeAll(async () => {
    engine = await startEngine();
    client = new Client(engine);
    sandbox = await client.create();
    await client.run(sandbox, 'echo kept > file');
  });
  beforeEach(() => chmodSync(folder(), 0o500));
  afterEach(() => chmodSync(folder(), 0o700));
  afterAll(() => dispose(engine));

  /** Once there is room again. */
  const canBeStarted = async () => {
    chmodSync(folder(), 0o700);
    expect(await client.call('POST', `${sandbox}/start`)).toMatchObject({ status: 200 });
    expect(await client.run(sandbox, 'cat file')).toBe('kept\n');
  };

  it('is not paused', async () => {
    expect((await client.call('POST', `${sandbox}/pause`)).status).toBe(500);
    expect(await client.state(sandbox)).toBe('running');
    expect(await client.run(sandbox, 'cat file')).toBe('kept\n');
  });

  it('is stopped when it is told to, and can be started again', async () => {
    expect(await client.call('POST', `${sandbox}/stop`)).toMatchObject({
      status: 200,
      body: { state: 'stopped' },
    });
    await canBeStarted();
  });

  it('is stopped when something kills its jail, and can be started again', async () => {
    killJail(engine, sandbox);
    await eventually(async () => expect(await client.state(sandbox)).toBe('stopped'));
    await canBeStarted();
  });

  it('is paused at its time-out as soon as that is possible', async () => {
    chmodSync(folder(), 0o700);
    sandbox = await client.create({ timeout: 2, auto_pause: true });
    chmodSync(folder(), 0o500);
    const log = () => readFileSync(join(engine.dataDir, 'engine.log'), 'utf8');
    const id = sandbox.slice('/v1/sandbox/'.length);
    await eventually(() => expect(log()).toContain(`the time-out of ${id} failed`));
    expect(await client.state(sandbox)).toBe('running');
    chmodSync(folder(), 0o700);
    await eventually(async () => expect(await client.state(sandbox)).toBe('paused'), 30_000);
  });

  it('is deleted at its time-out as soon as that is possible', async () => {
    const trash = join(engine.dataDir, 'trash');
    const doomed = await client.create({ timeout: 1 });
    chmodSync(trash, 0o500);
    const log = () => readFileSync(join(engine.dataDir, 'engine.log'), 'utf8');
    const id = doomed.slice('/v1/sandbox/'.length);
    await eventually(() => expect(log()).toContain(`the time-out of ${id} failed`));
    chmodSync(trash, 0o700);
    await eventually(async () => expect(await client.state(doomed)).toBe('gone'), 30_000);
  });
});
