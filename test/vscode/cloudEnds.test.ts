import { deepEqual, equal, match } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../src/window/api/types.ts';
import { answering } from './answers.ts';
import { CloudAccount } from './cloudAccount.ts';
import { command, until } from './helpers.ts';

interface Notice {
  readonly text: string;
  readonly buttons: readonly string[];
  readonly answer: (button: string | undefined) => void;
}

describe('a sandbox whose time is about to be over', () => {
  let account: CloudAccount;
  let notices: Notice[];
  const { showInformationMessage, showWarningMessage } = vscode.window;

  before(async () => {
    account = await CloudAccount.add();
  });

  beforeEach(() => {
    notices = [];
    const note = (text: string, ...buttons: string[]) =>
      new Promise<string | undefined>((resolve) => notices.push({ text, buttons, answer: resolve }));
    Object.assign(vscode.window, { showInformationMessage: note, showWarningMessage: note });
  });

  afterEach(async () => {
    Object.assign(vscode.window, { showInformationMessage, showWarningMessage });
    await command('show');
    await account.clear();
  });

  after(() => account.remove());

  const make = (name: string, autoPause = false): Promise<SandboxInfo> =>
    account.api.create({ account: account.id, name, timeoutMinutes: 2, autoPause });
  const noticeOf = (name: string) =>
    until(`the notice of ${name}`, () => notices.find(({ text }) => text.startsWith(`${name} `)));

  it('is told of once, however often the list is read and whatever else changes', async () => {
    const first = await make('first');
    const { text, buttons, answer } = await noticeOf('first');
    match(text, /^first is deleted at .*, with all that is in it/);
    deepEqual(buttons, ['Pause', 'Snapshot']);
    answer(undefined);
    // A notice of another one, made later, comes after every one of the first that may still come.
    for (let times = 0; times < 3; times++) await account.sandboxes();
    await account.api.run(first.key, 'true');
    await account.api.get(first.key);
    await make('second');
    (await noticeOf('second')).answer(undefined);
    equal(notices.length, 2, notices.map((notice) => notice.text).join('\n'));
  });

  it('is told of in other words when it is paused then: nothing is lost', async () => {
    await make('kept', true);
    const { text, buttons, answer } = await noticeOf('kept');
    match(text, /^kept is paused at .*, and keeps all that is in it: its time is over then\.$/);
    deepEqual(buttons, ['Snapshot']);
    answer(undefined);
  });

  it('is looked at once more before it is told of: what has changed elsewhere is not told wrongly', async () => {
    const answers = new Map<string, readonly [status: number, body: object]>();
    account.cloud.instead = (call) => answers.get(call);
    const change = async (name: string, status: number, details: object) => {
      const { id } = await make(name);
      const body = { id, state: 'running', template_id: 'tpl', timeout: 120, auto_pause: false, ...details };
      answers.set(`GET /v1/sandbox/${id}/`, [status, body]);
    };
    await change('paused', 200, { state: 'paused' });
    await change('gone', 404, { message: 'There is no such sandbox' });
    await change('extended', 200, { timeout_at: Math.round(Date.now() / 1000) + 3_600 });
    await change('changed', 200, { auto_pause: true });
    const { text, answer } = await noticeOf('changed');
    match(text, /^changed is paused at /);
    answer(undefined);
    await make('last');
    (await noticeOf('last')).answer(undefined);
    deepEqual(
      notices.map((notice) => notice.text.split(' ')[0]),
      ['changed', 'last'],
    );
  });

  for (const [when, turn] of [
    ['while somebody looks', () => command('show')],
    ['while nobody looks', () => vscode.commands.executeCommand('workbench.action.closeSidebar')],
  ] as const) {
    it(`is told of when the snapshot is over that was being made at that time, ${when}`, async () => {
      await turn();
      const { id } = await make('busy');
      const look = `GET /v1/sandbox/${id}/`;
      let looks = 0;
      account.cloud.instead = (call) => {
        if (call !== look || looks++ > 1) return undefined;
        return [200, { id, state: 'snapshotting', template_id: 'tpl', timeout: 120, auto_pause: false }];
      };
      const { text, answer } = await noticeOf('busy');
      match(text, /^busy is deleted at /);
      equal(looks > 2, true);
      answer(undefined);
    });
  }

  it('is told of as it was known when it cannot be looked at: a loss is not passed over', async () => {
    const { id } = await make('unseen');
    const look = `GET /v1/sandbox/${id}/`;
    account.cloud.instead = (call) => (call === look ? [500, { message: 'Out of order' }] : undefined);
    const { text, answer } = await noticeOf('unseen');
    match(text, /^unseen is deleted at /);
    answer(undefined);
  });

  it('is snapshotted when that is the answer', async () => {
    const sandbox = await make('precious');
    const { answer } = await noticeOf('precious');
    await answering(['rescued', 'Keep the sandbox'], async () => {
      answer('Snapshot');
      await until(
        'the snapshot',
        () => account.count(`POST /v1/sandbox/${sandbox.id}/snapshot/create`) > 0 || undefined,
      );
    });
    equal(account.lastBody(`POST /v1/sandbox/${sandbox.id}/snapshot/create`)['name'], 'rescued');
  });
});
