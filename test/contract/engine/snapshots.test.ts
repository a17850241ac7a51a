import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Client, eventually, type Answer } from './client.ts';
import { dispose, startEngine, type RunningEngine, removeProgram } from './startEngine.ts';
import { describeForStarters } from './starters.ts';

afterAll(removeProgram);

describeForStarters("snapshots on %s's engine", (options) => {
  let engine: RunningEngine;
  let client: Client;

  beforeAll(async () => {
    engine = await startEngine(options());
    client = new Client(engine);
  });
  afterAll(() => dispose(engine));
  afterEach(async () => {
    for (const kind of ['sandbox', 'snapshot']) {
      const plural = kind === 'sandbox' ? 'sandboxes' : 'snapshots';
      const { body } = await client.call('GET', `/v1/${plural}?page-size=100`);
      for (const { id } of body.items) await client.call('DELETE', `/v1/${kind}/${id}`);
    }
  });

  const take = (sandbox: string, body: object = {}) =>
    client.call('POST', `${sandbox}/snapshot/create`, body);
  const restore = (name: string, body: object = {}) =>
    client.call('POST', '/v1/snapshot/restore', { snapshot_name: name, timeout: 3600, ...body });
  const restored = async (snapshot: Answer) => {
    const { status, body } = await restore(snapshot.body.name);
    if (status !== 201) throw new Error(`restore: ${status} ${JSON.stringify(body)}`);
    return `/v1/sandbox/${body.id}`;
  };

  it('have the shape that Leap0 documents, in the spellings of both revisions', async () => {
    const sandbox = await client.create({
      vcpu: 2,
      memory: 2048,
      network_policy: { mode: 'deny-all' },
      env_vars: { GREETING: 'hush' },
    });
    const { status, body } = await take(sandbox, { name: 'workspace-warm' });
    expect(status).toBe(201);
    const shape = {
      id: expect.stringMatching(/^snap-[a-z2-7]{12}$/),
      name: 'workspace-warm',
      template_id: 'system/debian:bookworm',
      template_name: 'system/debian:bookworm',
      vcpu: 2,
      memory: 2048,
      memory_mib: 2048,
      disk: expect.any(Number),
      disk_mib: expect.any(Number),
      network_policy: { mode: 'deny-all' },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    };
    expect(body).toEqual({ ...shape, snapshot_id: body.id });
    expect((await client.call('GET', '/v1/snapshots')).body).toEqual({ items: [body], total_items: 1 });
    const answer = await restore('workspace-warm', { timeout: undefined });
    expect(answer).toMatchObject({
      status: 201,
      body: { state: 'running', vcpu: 2, memory: 2048, timeout: 300, auto_pause: false },
    });
    expect(answer.body).toMatchObject({ network_policy: { mode: 'deny-all' } });
    expect(await client.run(`/v1/sandbox/${answer.body.id}`, 'echo $GREETING')).toBe('hush\n');
    const own = { timeout: undefined, timeout_min: 7, auto_pause: true };
    expect((await restore('workspace-warm', own)).body).toMatchObject({ timeout: 420, auto_pause: true });
  });

  it('are made and restored in the words of revision A, too', async () => {
    const sandbox = await client.create();
    await client.run(sandbox, 'echo kept > file');
    const paused = await client.call('POST', `${sandbox}/snapshot/pause`, { name: 'older-words' });
    expect(paused).toMatchObject({ status: 201, body: { name: 'older-words' } });
    expect(await client.state(sandbox)).toBe('gone');
    const { status, body } = await client.call('POST', '/v1/snapshot/resume', {
      snapshot_name: 'older-words',
      auto_pause: true,
      timeout_min: 7,
      network_policy: { mode: 'deny-all' },
    });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { timeout_min: 7, auto_pause: true, network_policy: { mode: 'deny-all' } },
    });
    expect(await client.run(`/v1/sandbox/${body.id}`, 'cat file')).toBe('kept\n');
    await client.call('DELETE', `/v1/snapshot/${paused.body.id}`);
    await client.call('DELETE', `/v1/sandbox/${body.id}`);
  });

  it('hold all that is on the disk, as it was, whatever it is', async () => {
    const sandbox = await client.create();
    await client.run(
      sandbox,
      [
        'mkdir -p a/b closed/in; echo text > a/b/file; ln -s /etc/passwd link; ln -s nowhere dangling',
        'ln a/b/file hard; mkfifo pipe; touch -d @1600000000 old; printf x > " odd\nname "',
        'truncate -s 1G sparse; head -c 300000 /dev/urandom > random; chmod 4711 hard; touch closed/in/file',
        `perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0); bind(S,pack_sockaddr_un("socket"))'`,
        'chmod 000 closed/in closed; chmod 700 .',
      ].join('; '),
    );
    const inspect = [
      'chmod 700 closed closed/in',
      'find . -printf "%y %m %s %n %Ts %l %p\\n" | grep -v "^d" | sort',
      'sha256sum random a/b/file; stat -c %a .; du -k sparse; [ hard -ef a/b/file ] && echo same',
    ].join('; ');
    const snapshot = await take(sandbox);
    expect(snapshot.status).toBe(201);
    const copy = await restored(snapshot);
    expect(await client.run(copy, 'stat -c "%a %n" closed')).toBe('0 closed\n');
    expect(await client.run(copy, inspect)).toBe(await client.run(sandbox, inspect));
    expect(await client.run(copy, 'du -k sparse; ls')).toMatch(/^0\tsparse\n/);
  });

  it('show one moment, in which nothing was written, and the sandbox goes on', async () => {
    const sandbox = await client.create();
    const screen = await (await client.terminal(sandbox)).prompt();
    // Whatever comes first in the copy, something that takes a while lies between two of the files.
    const count = 'n=0; while :; do n=$((n+1)); for d in 1 2 3 4 5 6; do echo $n >> $d/count; done; done';
    await client.run(
      sandbox,
      `for d in 1 2 3 4 5 6; do mkdir $d; head -c 8M /dev/urandom > $d/large; done; (${count}) >/dev/null 2>&1 &`,
    );
    const written = async () => Number(await client.run(sandbox, 'wc -l < 6/count'));
    await eventually(async () => expect(await written()).toBeGreaterThan(100));
    const snapshot = await take(sandbox);
    const before = await written();
    await eventually(async () => expect(await written()).toBeGreaterThan(before));
    const lines = await client.run(
      await restored(snapshot),
      'for d in 1 2 3 4 5 6; do wc -l < $d/count; done',
    );
    const counts = lines.trim().split('\n').map(Number);
    expect(counts).toEqual(counts.toSorted((one, other) => other - one));
    expect((counts[0] ?? 0) - (counts[5] ?? 0)).toBeLessThanOrEqual(1);
    expect(counts[5]).toBeGreaterThan(100);
    await screen.ask('echo still con""nected', /still connected/);
  });

  it('outlive their sandbox, and end it when asked to', async () => {
    const sandbox = await client.create();
    await client.run(sandbox, 'echo kept > file');
    const screen = await client.terminal(sandbox);
    const snapshot = await take(sandbox, { kill_sandbox_after: true });
    expect(snapshot.status).toBe(201);
    expect(await client.state(sandbox)).toBe('gone');
    expect(await screen.closed).toBe(1000);
    expect(await client.run(await restored(snapshot), 'cat file')).toBe('kept\n');
  });

  it('are not changed by what is made of them', async () => {
    const sandbox = await client.create();
    await client.run(sandbox, 'echo one > file');
    const snapshot = await take(sandbox);
    const [copy, other] = await Promise.all([restored(snapshot), restored(snapshot)]);
    await client.run(copy, 'echo two > file; rm -rf .bashrc');
    expect(await client.run(other, 'cat file')).toBe('one\n');
    expect(await client.run(await restored(snapshot), 'cat file')).toBe('one\n');
  });

  it('are of running sandboxes only, and wake none', async () => {
    const sandbox = await client.create();
    await client.call('POST', `${sandbox}/pause`);
    expect((await take(sandbox)).status).toBe(409);
    expect(await client.state(sandbox)).toBe('paused');
    await client.run(sandbox, 'true');
    await client.call('POST', `${sandbox}/stop`);
    expect((await take(sandbox)).status).toBe(409);
    expect((await take('/v1/sandbox/sbx-none')).status).toBe(404);
    expect((await client.call('GET', '/v1/snapshots')).body.total_items).toBe(0);
  });

  it('have a name of their own, even while they are being made', async () => {
    const [sandbox, other] = await Promise.all([client.create(), client.create()]);
    const name = 'the one';
    const statuses = await Promise.all([take(sandbox, { name }), take(other, { name })]);
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([201, 409]));
    expect((await take(sandbox, { name })).status).toBe(409);
    const unnamed = await Promise.all([take(sandbox), take(other)]);
    expect(new Set(unnamed.map(({ body }) => body.name)).size).toBe(2);
  });

  it('cannot be deleted while they are restored, and are gone when they are', async () => {
    const sandbox = await client.create();
    await client.run(sandbox, 'head -c 300M /dev/zero > large');
    const { body } = await take(sandbox, { name: 'large', kill_sandbox_after: true });
    const restoring = restore('large');
    await eventually(async () => {
      const { body: listed } = await client.call('GET', '/v1/sandboxes?state=starting');
      expect(listed.total_items).toBe(1);
    });
    expect((await client.call('DELETE', `/v1/snapshot/${body.id}`)).status).toBe(409);
    expect((await restoring).status).toBe(201);
    expect((await client.call('DELETE', `/v1/snapshot/${body.id}`)).status).toBe(204);
    expect((await client.call('DELETE', `/v1/snapshot/${body.id}`)).status).toBe(404);
    expect((await restore('large')).status).toBe(404);
    expect(readdirSync(join(engine.dataDir, 'snapshots'))).toEqual([]);
  });

  it('are listed by name, in the order asked for, in pages', async () => {
    const sandbox = await client.create();
    for (const name of ['alpha', 'beta', 'alphabet']) await take(sandbox, { name });
    const names = async (query: string) =>
      (await client.call('GET', `/v1/snapshots?${query}`)).body.items.map(
        (each: { name: string }) => each.name,
      );
    expect(await names('')).toEqual(['alphabet', 'beta', 'alpha']);
    expect(await names('order-by=asc&sort=template_id')).toEqual(['alpha', 'beta', 'alphabet']);
    expect(await names('query=ALPHA&order-by=asc')).toEqual(['alpha', 'alphabet']);
    expect(await names('page=2&page-size=2')).toEqual(['alpha']);
    expect((await client.call('GET', '/v1/snapshots?page-size=1')).body.total_items).toBe(3);
    for (const wrong of ['sort=name', 'page=0', 'page-size=101', 'order-by=up', `query=${'x'.repeat(65)}`]) {
      const { status, body } = await client.call('GET', `/v1/snapshots?${wrong}`);
      expect({ status, field: body.errors[0].field }).toEqual({ status: 400, field: wrong.split('=')[0] });
    }
  });

  it.each([
    ['an empty name', 'create', { name: '' }, 'name'],
    ['a long name', 'create', { name: 'x'.repeat(65) }, 'name'],
    ['a name with a line break', 'create', { name: 'a\nb' }, 'name'],
    ['a wish that is no yes or no', 'create', { kill_sandbox_after: 'yes' }, 'kill_sandbox_after'],
    ['no name', 'restore', {}, 'snapshot_name'],
    ['a long time-out', 'restore', { snapshot_name: 'x', timeout: 28_801 }, 'timeout'],
  ])('refuse %s, naming the field', async (_, what, request, field) => {
    const path = what === 'create' ? `${await client.create()}/snapshot/create` : '/v1/snapshot/restore';
    const { status, body } = await client.call('POST', path, request);
    expect({ status, field: body.errors[0].field }).toEqual({ status: 400, field });
  });

  it('are refused with a policy that is not enforced, and nothing is left of it', async () => {
    const sandbox = await client.create();
    const snapshot = await take(sandbox);
    const { status, body } = await restore(snapshot.body.name, { network_policy: { mode: 'custom' } });
    expect({ status, field: body.errors[0].field }).toEqual({ status: 400, field: 'network_policy.mode' });
    expect((await client.call('GET', '/v1/sandboxes')).body.total_items).toBe(1);
  });

  it('do not hold up other sandboxes while a large disk is copied', async () => {
    const [sandbox, other] = await Promise.all([client.create(), client.create()]);
    await client.run(sandbox, 'head -c 400M /dev/zero > large');
    const screen = await (await client.terminal(other)).prompt();
    const taking = take(sandbox);
    await eventually(async () => expect(await client.state(sandbox)).toBe('snapshotting'));
    let echoes = 0;
    while ((await client.state(sandbox)) === 'snapshotting') {
      await screen.ask(`echo num""ber ${echoes}`, new RegExp(`number ${echoes}`));
      echoes += 1;
    }
    expect(echoes).toBeGreaterThan(0);
    expect((await taking).status).toBe(201);
  });

  it('that were half made when the engine was killed are not there afterwards', async () => {
    const own = await startEngine(options());
    const itsClient = new Client(own);
    const sandbox = await itsClient.create();
    await itsClient.run(sandbox, 'head -c 400M /dev/zero > large');
    const taking = itsClient.call('POST', `${sandbox}/snapshot/create`, {}).catch(() => undefined);
    const folder = join(own.dataDir, 'snapshots');
    await eventually(() => expect(readdirSync(folder)).toHaveLength(1));
    await own.crash();
    await taking;
    const again = await startEngine({ ...options(), dataDir: own.dataDir });
    expect((await new Client(again).call('GET', '/v1/snapshots')).body.items).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    await eventually(() => expect(readdirSync(join(own.dataDir, 'trash'))).toEqual([]));
    await dispose(again);
    expect(existsSync(folder)).toBe(false);
  });
});
