import { deepEqual, equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../src/window/api/types.ts';
import { answering, enter } from './answers.ts';
import { CloudAccount } from './cloudAccount.ts';
import { command, until } from './helpers.ts';

/** What a user sees of a limit, and how they go about it. */
interface Visit {
  readonly errors: string[];
  readonly offered: string[];
  /** How often it was said that there may be room. */
  retries: number;
}

describe('the limit of an account', () => {
  let account: CloudAccount;
  let spare: SandboxInfo;
  const create = 'POST /v1/sandbox/';

  before(async () => {
    account = await CloudAccount.add();
  });

  beforeEach(async () => {
    spare = await account.api.create({ account: account.id, name: 'spare' });
    spare = await account.api.pause(spare.key);
  });

  afterEach(() => account.clear());

  after(() => account.remove());

  const has = async (id: string) => (await account.sandboxes()).some((one) => one.id === id);

  /**
   * Does something that meets the limit, makes room by deleting all that is offered, and tries again.
   * @param meanwhile what happens between the pick and the deletion
   */
  async function makeRoom(
    task: () => PromiseLike<unknown>,
    meanwhile: () => Promise<unknown> = async () => undefined,
  ): Promise<Visit> {
    const visit: Visit = { errors: [], offered: [], retries: 0 };
    const { showErrorMessage, showInformationMessage, showQuickPick } = vscode.window;
    const restored = { showErrorMessage, showInformationMessage, showQuickPick };
    Object.assign(vscode.window, {
      showErrorMessage: async (text: string, ...buttons: string[]) => {
        visit.errors.push(text);
        return buttons.find((button) => button === 'Make Room…');
      },
      showQuickPick: async (items: readonly vscode.QuickPickItem[]) => {
        visit.offered.push(...items.map(({ label }) => label));
        await meanwhile();
        return items;
      },
      showInformationMessage: async (_: string, ...buttons: string[]) => {
        visit.retries++;
        account.cloud.instead = () => undefined;
        return buttons.find((button) => button === 'Try Again');
      },
    });
    try {
      await task();
      await until('the end of the visit', () => visit.retries > 0 || visit.errors.length > 1 || undefined);
    } finally {
      Object.assign(vscode.window, restored);
    }
    return visit;
  }

  const refuse = (call: string, status: 409 | 429) => {
    account.cloud.instead = (one) =>
      one === call ? [status, { message: 'You have all the sandboxes that you may have' }] : undefined;
  };

  it('is met by a create that is answered with 409, and made room for', async () => {
    refuse(create, 409);
    const before = account.count(create);
    const { errors, offered } = await makeRoom(() => command('createWithDefaults', account.row));
    match(errors[0] ?? '', /all the sandboxes .* limit of sandboxes is reached: delete one/);
    deepEqual(offered, ['spare']);
    await until('the second try', () => account.count(create) === before + 2 || undefined);
    await until('the new one', async () => (await account.sandboxes()).length === 1 || undefined);
    ok(!(await has(spare.id)));
  });

  it('is met by a start that is answered with 429, and the same sandbox is started then', async () => {
    const stopped = await account.api.create({ account: account.id, name: 'stopped' });
    await account.api.stop(stopped.key);
    const start = `POST /v1/sandbox/${stopped.id}/start`;
    refuse(start, 429);
    const { errors, offered } = await makeRoom(() => command('start', account.rowOf(stopped)));
    match(errors[0] ?? '', /limit of sandboxes is reached/);
    deepEqual(offered, ['spare'], 'the one that is to be started rests, too');
    await until(
      'the start',
      async () => (await account.api.get(stopped.key)).state === 'running' || undefined,
    );
    equal(account.count(start), 2);
  });

  it('is met by a restore that is answered with 429, and the snapshot is restored then', async () => {
    const original = await account.api.create({ account: account.id, name: 'original' });
    await answering(['warm', 'End the sandbox'], () => command('snapshot', account.rowOf(original)));
    const restore = 'POST /v1/snapshot/restore';
    refuse(restore, 429);
    const before = account.count(restore);
    const { errors } = await makeRoom(() =>
      answering(['warm', enter, enter, enter, enter], () => command('restoreSnapshot', account.row)),
    );
    match(errors[0] ?? '', /limit of sandboxes is reached/);
    await until('the second try', () => account.count(restore) === before + 2 || undefined);
    await until('the new one', async () => (await account.sandboxes()).length === 1 || undefined);
  });

  it('never costs a sandbox that was started since the pick: it is kept, and that is told', async () => {
    const idle = await account.api.create({ account: account.id, name: 'idle' });
    await account.api.pause(idle.key);
    refuse(create, 409);
    // Another tool does this: the explorer does not hear of it.
    const { key, url } = account.cloud;
    const body = JSON.stringify({ command: 'true' });
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const wake = () =>
      fetch(`${url}/v1/sandbox/${spare.id}/process/execute`, { method: 'POST', headers, body });
    const { errors, offered, retries } = await makeRoom(
      () => command('createWithDefaults', account.row),
      async () => equal((await wake()).status, 200),
    );
    deepEqual(offered.toSorted(), ['idle', 'spare']);
    equal(retries, 1, 'the other one has made room');
    ok(await has(spare.id));
    ok(!(await has(idle.id)));
    match(errors[1] ?? '', /^1 sandbox was not deleted\. spare is running by now, and was kept\./);
  });

  it('is not said to be gone when nothing was deleted', async () => {
    refuse(create, 409);
    const before = account.count(create);
    const { errors, retries } = await makeRoom(
      () => command('createWithDefaults', account.row),
      () => account.api.resume(spare.key),
    );
    match(errors[1] ?? '', /^spare is running by now, and was kept\.$/);
    equal(retries, 0);
    ok(await has(spare.id));
    equal(account.count(create), before + 1);
  });
});
