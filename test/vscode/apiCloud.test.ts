import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import { CloudAccount } from './cloudAccount.ts';
import { withSettings } from './helpers.ts';

describe('the API for other extensions, at a service', () => {
  const list = 'GET /v1/sandboxes';
  let account: CloudAccount;

  before(async () => {
    account = await CloudAccount.add();
  });

  after(() => account.remove());

  /** Has the account read from another address, as its user does in the settings. */
  async function moveTo(baseUrl: string): Promise<void> {
    const configuration = vscode.workspace.getConfiguration('sandboxExplorer');
    const moved = configuration.get<object[]>('accounts', []).map((one) => ({ ...one, baseUrl }));
    await configuration.update('accounts', moved, vscode.ConfigurationTarget.Global);
  }

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

  it('tells nothing of a service that an account has left, and knows the names again when it is back', async () => {
    const { api, cloud, id } = account;
    const made = await api.create({ account: id, name: 'kept' });
    const other = createServer((_, response) => response.end('{"items": [], "total_items": 0}'));
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const names = async () => {
      const mine = (await api.list()).filter((sandbox) => sandbox.account === id);
      return mine.map(({ name }) => name);
    };
    deepEqual(await names(), ['kept']);
    await moveTo(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    for (let times = 0; times < 3; times++) {
      deepEqual(await names(), []);
      await api.refresh();
    }
    await moveTo(cloud.url);
    deepEqual(await names(), ['kept']);
    other.close();
    await api.delete(made.key);
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
