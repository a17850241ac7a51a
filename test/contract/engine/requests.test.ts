import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './client.ts';
import { dispose, startEngine, type RunningEngine, removeProgram } from './startEngine.ts';

afterAll(removeProgram);

let engine: RunningEngine;
let client: Client;
let sandbox: string;

beforeAll(async () => {
  engine = await startEngine({ args: ['--listen', '127.0.0.1:0'] });
  client = new Client(engine);
  sandbox = await client.create();
});
afterAll(() => dispose(engine));

describe('what is answered', () => {
  it('has the spellings of both revisions', async () => {
    const { body } = await client.call('GET', sandbox);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^sbx-[a-z2-7]{12}$/),
      template_id: 'system/debian:bookworm',
      vcpu: 1,
      memory: 1024,
      memory_mib: 1024,
      disk: expect.any(Number),
      disk_mib: expect.any(Number),
      timeout: 3600,
      timeout_min: 60,
      state: 'running',
      auto_pause: false,
      network_policy: { mode: expect.stringMatching(/^(allow|deny)-all$/) },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  it.each([
    ['a text', 'text/plain;charset=UTF-8'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['nothing', undefined],
  ])('takes JSON that is called %s', async (_, type) => {
    const options = { raw: '{"path": "/home/user"}', headers: { 'content-type': type } };
    const { status } = await client.call('POST', `${sandbox}/filesystem/ls`, undefined, options);
    expect(status).toBe(200);
  });

  it('takes null for what is not there', async () => {
    const nothing = {
      vcpu: null,
      memory: null,
      timeout: null,
      auto_pause: null,
      env_vars: null,
      mounts: null,
    };
    const { status, body } = await client.call('POST', '/v1/sandbox', { ...nothing, network_policy: null });
    expect({ status, body }).toMatchObject({ status: 201, body: { vcpu: 1, memory: 1024, timeout: 300 } });
    await client.call('DELETE', `/v1/sandbox/${body.id}`);
  });

  it('says where the home folder and the working folder of a sandbox are', async () => {
    expect(await client.call('GET', `${sandbox}/system/user-home-dir`)).toMatchObject({
      status: 200,
      body: { user_home_dir: '/home/user' },
    });
    expect(await client.call('GET', `${sandbox}/system/workdir`)).toMatchObject({
      status: 200,
      body: { workdir: '/home/user' },
    });
    expect((await client.call('GET', '/v1/sandbox/sbx-none/system/workdir')).status).toBe(404);
  });

  it('has the folder that examples of Leap0 work in', async () => {
    expect(await client.run(sandbox, 'echo x > /workspace/x; cat ~/x')).toBe('x\n');
  });

  it.each([
    ['revision A', { memory_mib: 2048, timeout_min: 10 }],
    ['revision B', { memory: 2048, timeout: 600 }],
  ])('takes the spelling of %s', async (_, request) => {
    const { status, body } = await client.call('POST', '/v1/sandbox', { vcpu: 2, ...request });
    expect(status).toBe(201);
    expect(body).toMatchObject({ vcpu: 2, memory: 2048, timeout: 600, timeout_min: 10 });
    await client.call('DELETE', `/v1/sandbox/${body.id}`);
  });

  it('never holds the variables of a sandbox', async () => {
    const { body } = await client.call('POST', '/v1/sandbox', { env_vars: { SECRET: 'hush' } });
    const { body: again } = await client.call('GET', `/v1/sandbox/${body.id}/`);
    expect(JSON.stringify([body, again])).not.toContain('hush');
    expect(await client.run(`/v1/sandbox/${body.id}`, 'echo $SECRET')).toBe('hush\n');
    await client.call('DELETE', `/v1/sandbox/${body.id}`);
  });

  it('carries a request id, which is a new one for each', async () => {
    const answers = await Promise.all([client.call('GET', sandbox), client.call('GET', '/nowhere')]);
    const ids = answers.map(({ headers }) => headers['x-request-id']);
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain(undefined);
  });

  it('leaves it to the client to close a connection that is quiet', async () => {
    const keep = { connection: 'keep-alive' };
    const { headers } = await client.call('GET', '/v1/sandboxes', undefined, { headers: keep });
    // Our own client closes one after 10 s.
    expect(headers['keep-alive']).toBe('timeout=30');
  });

  it('tells what the engine is', async () => {
    const { status, body } = await client.call('GET', '/v1/engine');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      version: expect.any(String),
      protocol: 1,
      pid: engine.pid,
      dataDir: engine.dataDir,
    });
    expect(body.warnings).toContainEqual(expect.stringContaining('advisory'));
  });
});

describe('the list', () => {
  it('carries just the fields of a list item, by pages', async () => {
    const others = await Promise.all([client.create(), client.create()]);
    await client.call('POST', `${others[0]}/stop`);
    const { body } = await client.call('GET', '/v1/sandboxes/');
    expect(body.total_items).toBe(3);
    const running = body.items.find((item: { state: string }) => item.state === 'running');
    expect(Object.keys(running)).toEqual([
      'id',
      'template_id',
      'pod_id',
      'state',
      'launch_time',
      'state_change_time',
      'timeout_at',
      'created_at',
    ]);
    const ids = (answer: { body: { items: { id: string }[] } }) => answer.body.items.map(({ id }) => id);
    const all = ids({ body });
    const page = (query: string) => client.call('GET', `/v1/sandboxes?${query}`);
    expect(ids(await page('page-size=2'))).toEqual(all.slice(0, 2));
    expect(ids(await page('page-size=2&page=2'))).toEqual(all.slice(2));
    expect(ids(await page('order-by=asc'))).toEqual(all.toReversed());
    expect((await page('state=stopped')).body).toMatchObject({
      total_items: 1,
      items: [{ state: 'stopped' }],
    });
    expect((await page('sort=state&order-by=desc')).body.items[0].state).toBe('stopped');
    expect((await page('state=snapshotting')).body).toEqual({ items: [], total_items: 0 });
    await Promise.all(others.map((path) => client.call('DELETE', path)));
  });

  it.each(['state=odd', 'sort=size', 'order-by=up', 'page=0', 'page=x', 'page-size=101'])(
    'refuses %s',
    async (query) => {
      const { status, body } = await client.call('GET', `/v1/sandboxes?${query}`);
      expect({ status, field: body.errors[0].field }).toEqual({ status: 400, field: query.split('=')[0] });
    },
  );
});

describe('a request that is wrong', () => {
  it.each([
    ['too many vCPUs', { vcpu: 9 }, 'vcpu'],
    ['vCPUs that are text', { vcpu: '1' }, 'vcpu'],
    ['odd memory', { memory: 1023 }, 'memory'],
    ['little memory', { memory_mib: 256 }, 'memory_mib'],
    ['a long time-out', { timeout: 28_801 }, 'timeout'],
    ['a time-out of no minutes', { timeout_min: 0 }, 'timeout_min'],
    ['an unknown template', { template_name: 'system/windows:11' }, 'template_name'],
    ['a template without a name', { template_name: '' }, 'template_name'],
    ['a policy that is not enforced', { network_policy: { mode: 'custom' } }, 'network_policy.mode'],
    ['an unknown policy', { network_policy: { mode: 'some' } }, 'network_policy.mode'],
    [
      'domains that are not enforced',
      { network_policy: { mode: 'allow-all', allow_domains: ['example.com'] } },
      'network_policy.allow_domains',
    ],
    [
      'headers that are not put in',
      { network_policy: { mode: 'allow-all', transforms: [{ domain: 'example.com' }] } },
      'network_policy.transforms',
    ],
    ['storage that is not mounted', { mounts: [{ type: 'object-storage', bucket: 'b' }] }, 'mounts'],
    ['a variable without a proper name', { env_vars: { '1A': 'x' } }, 'env_vars.1A'],
    ['a number for a variable', { env_vars: { A: 1 } }, 'env_vars.A'],
  ])('is refused with 400 for %s, naming the field', async (_, request, field) => {
    const { status, body } = await client.call('POST', '/v1/sandbox', request);
    expect({ status, fields: body.errors.map((each: { field: string }) => each.field) }).toEqual({
      status: 400,
      fields: [field],
    });
    expect(body.message).toContain(field);
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/v1/nothing', 404],
    ['GET', '/v1/sandbox/sbx-none', 404],
    ['POST', '/v1/sandbox/sbx-none/pause', 404],
    ['POST', '/v1/sandbox/sbx-none/process/execute', 404],
    ['GET', '/v1/sandbox/sbx-none/pty', 404],
    ['GET', '/v1/sandbox/..%2f..%2ftoken', 404],
    ['GET', '/v1/sandbox/%zz', 404],
    ['PUT', '/v1/sandbox', 405],
    ['DELETE', '/v1/sandboxes', 405],
    ['GET', '/v1/sandbox', 405],
  ])('%s %s is %i', async (method, path, status) => {
    const answer = await client.call(method, path);
    expect(answer).toMatchObject({ status, body: { message: expect.any(String) } });
    if (status === 405) expect(answer.headers['allow']).toMatch(/GET|POST/);
  });

  it.each(['{', '[]', 'null', 'a=b'])('is refused when it is no JSON object: %s', async (raw) => {
    expect(await client.call('POST', '/v1/sandbox', undefined, { raw })).toMatchObject({ status: 400 });
  });

  it.each([
    ['POST', `/v1/template`, 'templates'],
    ['PATCH', `/v1/template/t`, 'templates'],
    ['DELETE', `/v1/template/t`, 'templates'],
    ['POST', `/v1/sandbox/sbx-x/presigned-url`, 'presigned URLs'],
    ['DELETE', `/v1/sandbox/sbx-x/presigned-url/u`, 'presigned URLs'],
    ['POST', `/v1/sandbox/sbx-x/mounts`, 'object storage'],
    ['POST', `/v1/sandbox/sbx-x/lsp/start`, 'language servers'],
  ])('%s %s says that there is no such thing here', async (method, path, what) => {
    expect(await client.call(method, path)).toMatchObject({
      status: 501,
      body: { message: expect.stringContaining(`does not offer ${what}`) },
    });
  });

  it('is refused when it is larger than 10 MiB, announced or not', async () => {
    const raw = Buffer.alloc(10 * 1024 * 1024 + 1, ' ');
    expect((await client.call('POST', '/v1/sandbox', undefined, { raw })).status).toBe(413);
    const chunked = { raw, headers: { 'transfer-encoding': 'chunked' } };
    expect((await client.call('POST', '/v1/sandbox', undefined, chunked)).status).toBe(413);
  });

  it('does no harm when it is not even HTTP', async () => {
    const socket = connect(engine.socketPath);
    socket.write('hello\r\n\r\n');
    await new Promise((resolve) => socket.on('close', resolve).resume());
    expect((await client.call('GET', sandbox)).status).toBe(200);
  });
});
