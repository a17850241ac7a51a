import { equal, ok, rejects } from 'node:assert/strict';
import { CloudAccount } from './cloudAccount.ts';

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
});
