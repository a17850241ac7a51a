import { deepEqual, equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Sandbox, SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import { workOnAll, type Work } from '../../src/window/commands/many.ts';
import type { Parts } from '../../src/window/parts.ts';
import { answerNextWarning, command, makeSandboxes, observer, row, toldDuring } from './helpers.ts';

describe('several sandboxes at once', () => {
  let sandboxes: SandboxRecord[];
  const rows = () => sandboxes.map(row);
  const states = async () => Promise.all(sandboxes.map(async ({ id }) => (await observer.get(id)).state));

  before(async () => {
    sandboxes = await makeSandboxes(3);
  });

  after(async () => {
    for (const { id } of await observer.list()) await observer.delete(id);
    await command('refresh');
  });

  it('are paused and resumed together, from the row the menu was opened on', async () => {
    await command('pause', rows()[1], rows());
    deepEqual(await states(), ['paused', 'paused', 'paused']);
    await command('resume', rows()[0], rows());
    deepEqual(await states(), ['running', 'running', 'running']);
  });

  it('are worked on as far as it is possible, and it is told which were left out and why', async () => {
    const [first] = sandboxes;
    await command('stop', row(first ?? (observer as never)));
    const told = await toldDuring('showInformationMessage', () => command('pause', rows()[1], rows()));
    deepEqual(await states(), ['stopped', 'paused', 'paused']);
    deepEqual(
      told.map(({ message }) => message),
      [`Not paused: ${first?.id} is stopped.`],
    );
  });

  it('are worked on although one fails, and it is told which one and why', async () => {
    const [, second, third] = sandboxes;
    ok(second && third);
    const gone = await makeSandboxes(1);
    await observer.pause?.(gone[0]?.id ?? '');
    await command('refresh');
    await observer.delete(gone[0]?.id ?? '');
    const chosen = [second, third, ...gone].map(row);
    const told = await toldDuring('showErrorMessage', () => command('resume', chosen[0], chosen));
    deepEqual(await states(), ['stopped', 'running', 'running']);
    equal(told.length, 1);
    match(told[0]?.message ?? '', new RegExp(`^1 sandbox was not resumed. ${gone[0]?.id}: `));
    deepEqual(told[0]?.buttons, ['Show Log']);
  });

  it('have their IDs copied, a line each', async () => {
    await command('copyId', rows()[0], rows());
    equal(await vscode.env.clipboard.readText(), sandboxes.map(({ id }) => id).join('\n'));
  });

  it('are kept when one of several stopped ones was started while the question stood', async () => {
    const [first] = sandboxes;
    ok(first);
    const original = vscode.window.showWarningMessage;
    const startFirst = async () => {
      await observer.start?.(first.id);
      Object.assign(vscode.window, { showWarningMessage: original });
      return 'Delete';
    };
    Object.assign(vscode.window, { showWarningMessage: startFirst });
    const told = await toldDuring('showErrorMessage', () => command('deleteAllStopped'));
    match(told[0]?.message ?? '', /is running by now, so it was kept/);
    deepEqual(await states(), ['running', 'running', 'running']);
  });

  it('are deleted when all that are stopped are meant, after one question with number and names', async () => {
    await command('stop', rows()[0], rows().slice(0, 2));
    const asked = answerNextWarning('Delete');
    await command('deleteAllStopped');
    equal(asked.length, 1);
    equal(asked[0]?.message, 'Delete all 2 stopped sandboxes?');
    for (const { id } of sandboxes.slice(0, 2)) match(asked[0]?.detail ?? '', new RegExp(`^${id}$`, 'm'));
    deepEqual(
      (await observer.list()).map(({ id }) => id),
      [sandboxes[2]?.id],
    );
    const told = await toldDuring('showInformationMessage', () => command('deleteAllStopped'));
    equal(told[0]?.message, 'No sandbox is stopped.');
  });

  it('are deleted after one question, which names no more than ten', async () => {
    const many = await makeSandboxes(11);
    const asked = answerNextWarning('Delete');
    await command('delete', row(many[0] ?? (observer as never)), many.map(row));
    equal(asked.length, 1);
    equal(asked[0]?.message, 'Delete 11 sandboxes?');
    match(asked[0]?.detail ?? '', /^… and 1 more$/m);
    equal((await observer.list()).length, 1);
  });
});

describe('work on several sandboxes', () => {
  const sandbox = (id: string): Sandbox => ({
    id,
    key: `a/${id}`,
    accountId: 'a',
    name: id,
    state: 'running',
    createdAt: 0,
  });
  const sandboxes = Array.from({ length: 10 }, (_, index) => sandbox(`sbx-${index}`));
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, show: () => {} };
  const parts = { log } as unknown as Parts;

  /** Works on all, with VS Code's progress replaced by one whose Cancel the test has in its hand. */
  async function workWith(work: Work, cancelAfterReports = Infinity) {
    const titles: (string | undefined)[] = [];
    let reached = 0;
    const original = vscode.window.withProgress;
    const patched: typeof original = (options, task) => {
      titles.push(options.title);
      const source = new vscode.CancellationTokenSource();
      let reports = 0;
      const report = ({ increment = 0 }: { increment?: number }) => {
        reached += increment;
        if (++reports === cancelAfterReports) source.cancel();
      };
      return task({ report }, source.token);
    };
    Object.assign(vscode.window, { withProgress: patched });
    const told = await toldDuring('showErrorMessage', () =>
      workOnAll(parts, work, { sandboxes, leftOut: [] }),
    );
    Object.assign(vscode.window, { withProgress: original });
    return { titles, reached: Math.round(reached), told };
  }

  const slowly = (run: (sandbox: Sandbox) => void): Work => ({
    doing: 'Stopping',
    done: 'stopped',
    run: async (one) => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      run(one);
    },
  });

  it('shows one progress for all, which reaches its end, and does a few at once', async () => {
    let atOnce = 0;
    let most = 0;
    const work = slowly(() => atOnce--);
    const counted: Work = {
      ...work,
      run: (one, signal) => {
        most = Math.max(most, ++atOnce);
        return work.run(one, signal);
      },
    };
    const { titles, reached, told } = await workWith(counted);
    deepEqual(titles, ['Stopping 10 sandboxes…']);
    equal(reached, 100);
    equal(most, 4);
    equal(told.length, 0);
  });

  it('begins no further one after Cancel', async () => {
    const stopped: string[] = [];
    const { told } = await workWith(
      slowly(({ id }) => stopped.push(id)),
      1,
    );
    ok(stopped.length >= 4 && stopped.length < sandboxes.length, `${stopped.length} were stopped`);
    equal(told.length, 0);
  });
});
