import { deepEqual, equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../src/window/api/types.ts';
import { answering } from './answers.ts';
import { CloudAccount } from './cloudAccount.ts';
import { until } from './helpers.ts';

interface Notice {
  readonly text: string;
  readonly buttons: readonly string[];
  readonly answer: (button: string | undefined) => void;
}

describe('a sandbox that is about to be deleted', () => {
  let account: CloudAccount;
  let notices: Notice[];
  const { showWarningMessage } = vscode.window;

  before(async () => {
    account = await CloudAccount.add();
  });

  beforeEach(() => {
    notices = [];
    Object.assign(vscode.window, {
      showWarningMessage: (text: string, ...buttons: string[]) =>
        new Promise<string | undefined>((resolve) => notices.push({ text, buttons, answer: resolve })),
    });
  });

  afterEach(async () => {
    Object.assign(vscode.window, { showWarningMessage });
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

  it('is not told of when it is paused instead', async () => {
    await make('kept', true);
    await make('lost');
    (await noticeOf('lost')).answer(undefined);
    ok(!notices.some(({ text }) => text.startsWith('kept')));
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
