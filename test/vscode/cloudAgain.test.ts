import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { SandboxInfo } from '../../src/window/api/types.ts';
import { answering, enter } from './answers.ts';
import { CloudAccount } from './cloudAccount.ts';
import { answerNextWarning, command, toldDuring, until } from './helpers.ts';

const create = 'POST /v1/sandbox/';

describe('Create Again Like This One', () => {
  let account: CloudAccount;

  before(async () => {
    account = await CloudAccount.add();
  });

  afterEach(() => account.clear());

  after(() => account.remove());

  const made = () => account.lastBody(create);

  it('makes another one like a sandbox that was made elsewhere, after it said what cannot be known', async () => {
    const { url, key } = account.cloud;
    const body = {
      vcpu: 1,
      memory: 1024,
      timeout: 1020,
      auto_pause: false,
      env_vars: { SECRET: 'unknown here' },
    };
    const answer = await fetch(`${url}/v1/sandbox/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ template_name: 'system/debian:bookworm', ...body }),
    });
    equal(answer.status, 201, await answer.text());
    const [elsewhere] = await account.sandboxes();
    ok(elsewhere);
    const before = account.count(create);
    const refused = answerNextWarning('');
    await command('createAgain', account.rowOf(elsewhere));
    equal(account.count(create), before, 'nothing is made without a yes');
    match(refused[0]?.message ?? '', /^Create another sandbox like .*\?$/);
    match(
      refused[0]?.detail ?? '',
      /This editor has not made it.* variables .*snapshot: the new one is made without them/,
    );
    answerNextWarning('Create');
    const told = await toldDuring('showErrorMessage', () => command('createAgain', account.rowOf(elsewhere)));
    deepEqual(told, []);
    equal(account.count(create), before + 1);
    const { env_vars, vcpu, memory, timeout, auto_pause } = made();
    deepEqual(
      { vcpu, memory, timeout, auto_pause },
      { vcpu: 1, memory: 1024, timeout: 1020, auto_pause: false },
    );
    ok(!JSON.stringify(env_vars ?? {}).includes('unknown here'));
  });

  it('asks what the service does not tell of a sandbox that was made elsewhere, and guesses nothing', async () => {
    // All that Leap0's document has; the engine tells more.
    const told = {
      id: 'elsewhere',
      template_id: 'tpl-abc123',
      state: 'running',
      created_at: new Date().toISOString(),
    };
    const details = { vcpu: 2, memory: 4096, disk: 8192, timeout: 1020, auto_pause: false };
    account.cloud.instead = (call) => {
      if (call === 'GET /v1/sandboxes') return [200, { items: [{ ...told, pod_id: '' }], total_items: 1 }];
      return call === 'GET /v1/sandbox/elsewhere/' ? [200, { ...told, ...details }] : undefined;
    };
    const elsewhere = await until('its row', async () => (await account.sandboxes())[0]);
    equal(elsewhere.template, undefined, 'an ID is no name');
    const before = account.count(create);
    const asked = answerNextWarning('Continue');
    await answering(['Another template', 'my-python-app', 'Deny all'], async () => {
      await command('createAgain', account.rowOf(elsewhere));
    });
    match(asked[0]?.detail ?? '', /name of its template \(ID tpl-abc123\) and its network policy either/);
    equal(account.count(create), before + 1);
    deepEqual(made(), {
      template_name: 'my-python-app',
      vcpu: 2,
      memory: 4096,
      timeout: 1020,
      auto_pause: false,
      env_vars: {},
      network_policy: { mode: 'deny-all' },
    });
  });

  it('makes another one of a snapshot when the first was made of it', async () => {
    const original = await account.api.create({ account: account.id, name: 'original' });
    await account.api.run(original.key, 'echo kept > note');
    await answering(['again', 'Keep the sandbox'], () => command('snapshot', account.rowOf(original)));
    const restored = await answering(['again', enter, 'Delete it', enter, 'first'], () =>
      command<SandboxInfo>('restoreSnapshot', account.row),
    );
    const again = await command<SandboxInfo>('createAgain', account.rowOf(restored));
    ok(again.id !== restored.id);
    const { key } = (await account.sandboxes()).find(({ id }) => id === again.id) ?? again;
    equal((await account.api.run(key, 'cat note')).stdout, 'kept\n');
    equal(account.lastBody('POST /v1/snapshot/restore')['auto_pause'], false);
    answerNextWarning('Delete');
    await answering(['again'], () => command('deleteSnapshot', account.row));
  });
});
