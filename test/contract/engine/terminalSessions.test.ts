import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './client.ts';
import { dispose, startEngine, type RunningEngine, removeProgram } from './startEngine.ts';

afterAll(removeProgram);

describe('the terminals of a sandbox', () => {
  let engine: RunningEngine;
  let client: Client;
  let sandbox: string;

  beforeAll(async () => {
    engine = await startEngine();
    client = new Client(engine);
    sandbox = await client.create();
  });
  afterAll(() => dispose(engine));

  it('have the shape that Leap0 documents', async () => {
    const { status, body } = await client.call('POST', `${sandbox}/pty`, { id: 'mine', envs: { A: 'b' } });
    expect(status).toBe(201);
    const session = {
      id: 'mine',
      cwd: '/home/user',
      envs: { A: 'b' },
      cols: 80,
      rows: 24,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      active: true,
      lazy_start: false,
    };
    expect(body).toEqual(session);
    expect((await client.call('GET', `${sandbox}/pty/mine`)).body).toEqual(session);
    expect((await client.call('GET', `${sandbox}/pty`)).body).toEqual({ items: [session] });
    expect((await client.call('POST', `${sandbox}/pty`, { id: 'mine' })).status).toBe(409);
  });

  it.each([
    ['an id that no URL can hold', { id: '..' }, 'id'],
    ['an id that is no text', { id: '\uD800' }, 'id'],
    ['an id without characters', { id: '' }, 'id'],
    ['an id of 129 characters', { id: 'x'.repeat(129) }, 'id'],
    ['no columns', { cols: 0 }, 'cols'],
    ['rows that are text', { rows: '24' }, 'rows'],
    ['a variable without a proper name', { envs: { 'A-B': 'x' } }, 'envs.A-B'],
    ['a NUL in a variable', { envs: { A: '\0' } }, 'envs.A'],
  ])('refuse %s, naming the field', async (_, request, field) => {
    const { status, body } = await client.call('POST', `${sandbox}/pty`, request);
    expect({ status, fields: body.errors.map((each: { field: string }) => each.field) }).toEqual({
      status: 400,
      fields: [field],
    });
  });

  it.each(['../x', 'a/b?c#d', '%2F', 'two words', 'ünï😀', 'new\nline', '\0', '-', 'x'.repeat(128)])(
    'may be called %j',
    async (id) => {
      const created = await client.call('POST', `${sandbox}/pty`, { id });
      expect(created).toMatchObject({ status: 201, body: { id } });
      const session = `${sandbox}/pty/${encodeURIComponent(id)}`;
      expect((await client.call('GET', session)).body).toMatchObject({ id });
      await (await client.connect(session)).prompt();
      expect((await client.call('POST', `${session}/resize`, { cols: 90, rows: 30 })).status).toBe(200);
      expect((await client.call('DELETE', session)).status).toBe(204);
      expect((await client.call('GET', session)).status).toBe(404);
    },
  );

  it('begin in the home folder when none is named', async () => {
    const { body } = await client.call('POST', `${sandbox}/pty`, { id: 'home', cwd: '', envs: null });
    expect(body).toMatchObject({ cwd: '/home/user', envs: {} });
    const screen = await (await client.connect(`${sandbox}/pty/home`)).prompt();
    expect(await screen.ask('echo "<$PWD>"', /<(\/.*)>/)).toBe('/home/user');
    await client.call('DELETE', screen.session);
  });

  it('refuse a connection to what is not there, and one without the token', async () => {
    await expect(client.connect(`${sandbox}/pty/none`)).rejects.toThrow('404');
    await expect(client.connect('/v1/sandbox/sbx-none/pty/x')).rejects.toThrow('404');
    await expect(client.connect(`${sandbox}/pty/mine`, { authorization: 'Bearer no' })).rejects.toThrow(
      '401',
    );
    expect((await client.call('GET', `${sandbox}/pty/mine/connect`)).status).toBe(426);
  });

  it('are gone when their sandbox is stopped', async () => {
    const screen = await client.terminal(sandbox);
    await client.call('POST', `${sandbox}/stop`);
    expect(await screen.closed).toBe(1000);
    expect((await client.call('GET', `${sandbox}/pty`)).body).toEqual({ items: [] });
    await client.call('POST', `${sandbox}/start`);
  });

  it('wake a paused sandbox when they are created or connected to', async () => {
    await client.call('POST', `${sandbox}/pause`);
    const screen = await client.terminal(sandbox);
    expect(await client.state(sandbox)).toBe('running');
    await client.call('POST', `${sandbox}/pause`);
    const [one, two] = await Promise.all([client.connect(screen.session), client.connect(screen.session)]);
    await Promise.all([one.prompt(), two.prompt()]);
    expect(await client.state(sandbox)).toBe('running');
  });
});
