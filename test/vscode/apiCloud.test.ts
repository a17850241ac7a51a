import { equal, ok, rejects } from 'node:assert/strict';
import { CloudAccount } from './cloudAccount.ts';
import { withSettings } from './helpers.ts';

describe('the API for other extensions, at a service', () => {
  const list = 'GET /v1/sandboxes';
  let account: CloudAccount;

  before(async () => {
    account = await CloudAccount.add();
  });

  after(() => account.remove());

  it('does not ask with a key that was refused, and tells why a sandbox cannot be found', async () => {
    const { api, cloud, id } = account;
    cloud.instead = (call) => (call === list ? [401, { message: 'No such key' }] : undefined);
    await api.refresh();
    const before = account.count(list);
    for (let times = 0; times < 5; times++) {
      await api.list();
      await rejects(api.get(`${id}/nothing`), { kind: 'unauthorized' });
    }
    equal(account.count(list), before);
    cloud.instead = () => undefined;
    await api.refresh();
    ok(account.count(list) > before);
    await rejects(api.get(`${id}/nothing`), { kind: 'notFound' });
  });

  it('does not wait for ever for a sandbox that never starts', async () => {
    const { api, cloud, id } = account;
    const answer = { id: 'slow', state: 'starting' };
    cloud.instead = (call) => {
      if (call === 'POST /v1/sandbox/') return [201, answer];
      return call === 'GET /v1/sandbox/slow/' ? [200, answer] : undefined;
    };
    await withSettings({ createTimeout: 5 }, () =>
      rejects(api.create({ account: id, name: 'slow one' }), {
        kind: 'timeout',
        message: 'slow one took longer than 5 s to start. It may still do so.',
      }),
    );
    cloud.instead = () => undefined;
  });

  it('does not wait for ever for a sandbox that never stops', async () => {
    const { api, cloud, id } = account;
    const made = await api.create({ account: id, name: 'restless' });
    const path = `/v1/sandbox/${made.id}/`;
    let isStopping = false;
    cloud.instead = (call) => {
      isStopping ||= call === `POST ${path}stop`;
      return isStopping && call.includes(path) ? [200, { id: made.id, state: 'stopping' }] : undefined;
    };
    await withSettings({ createTimeout: 5 }, () =>
      rejects(api.stop(made.key), {
        kind: 'timeout',
        message: 'restless took longer than 5 s to stop. It may still do so.',
      }),
    );
    cloud.instead = () => undefined;
  });
});
