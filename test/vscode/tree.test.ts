import { deepEqual, equal, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { ProviderError } from '../../src/sandboxes/errors.ts';
import type { SandboxState } from '../../src/sandboxes/sandbox.ts';
import { moment } from '../../src/window/explorer/moment.ts';
import type { Node } from '../../src/window/explorer/nodes.ts';
import type { Tree } from '../../src/window/explorer/tree.ts';
import { until } from './helpers.ts';
import { sandbox, Service, session, snapshot, treeOver, url } from './treeOver.ts';

/** How a screen reader is to say each state. */
const states: Readonly<Record<SandboxState, string>> = {
  starting: 'starting',
  running: 'running, under 1 min left, 2 vCPU',
  pausing: 'pausing',
  paused: 'paused',
  resuming: 'resuming',
  stopping: 'stopping',
  stopped: 'stopped',
  snapshotting: 'snapshotting',
  deleting: 'deleting',
  unknown: 'unknown',
};

const kinds: Readonly<Record<Node['kind'], true>> = {
  account: true,
  sandbox: true,
  session: true,
  url: true,
  forward: true,
  snapshots: true,
  snapshot: true,
  hidden: true,
  failure: true,
};

/** Every row with what is below it, as VS Code would draw them with everything open. */
async function walk(tree: Tree, parent?: Node): Promise<{ node: Node; item: vscode.TreeItem }[]> {
  const rows = [];
  for (const node of await tree.getChildren(parent)) {
    const item = tree.getTreeItem(node);
    rows.push({ node, item });
    if (item.collapsibleState !== vscode.TreeItemCollapsibleState.None)
      rows.push(...(await walk(tree, node)));
  }
  return rows;
}

const labelsBelow = async (tree: Tree, parent: Node) =>
  (await tree.getChildren(parent)).map((node) => tree.getTreeItem(node).label);

const find = async (tree: Tree, kind: Node['kind']): Promise<Node> => {
  const row = (await walk(tree)).find(({ node }) => node.kind === kind)?.node;
  ok(row, `there is no row of the kind ${kind}`);
  return row;
};

const refused = async () => {
  throw new ProviderError('unauthorized', 'The key was refused.');
};
const away = async () => {
  throw new ProviderError('unavailable', 'The service is away.');
};

describe('the accessible names in the tree', () => {
  it('have the kind, the name and the state of every row, whatever its tooltip says of clicks', async () => {
    const work = new Service();
    work.sandboxes = [
      ...Object.keys(states).map((state) =>
        sandbox(`in-${state}`, state as SandboxState, {
          ...(state === 'running' && { endsAt: Date.now() + 1_000, vcpu: 2 }),
        }),
      ),
      sandbox('box', 'running'),
    ];
    const createdAt = Date.now();
    work.sessions = async () => [
      session('mine'),
      session('left', { cwd: undefined }),
      session('over', { active: false, exitCode: 0 }),
    ];
    work.snapshots = async () => [snapshot('warm', { createdAt })];
    const filtered = new Service();
    filtered.sandboxes = [sandbox('a', 'running', { template: 'python' })];
    filtered.snapshots = away;
    const lost = new Service();
    lost.list = away;
    const locked = new Service();
    locked.list = refused;
    const { tree } = await treeOver({ Work: work, Filtered: filtered, Lost: lost, Locked: locked });
    const rows = await walk(tree);
    const sessionRows = ['Session mine, attached, /root', 'Session left, detached'];
    deepEqual(
      rows.map(({ item }) => item.accessibilityInformation?.label),
      [
        'Account Work, 11 sandboxes',
        'Sandbox box, running',
        'Port 80, forwarded to localhost:8080',
        `Port 3000, open until ${moment(url.expiresAt)}`,
        ...sessionRows,
        ...Object.entries(states)
          .toSorted(([one], [other]) => one.localeCompare(other))
          .flatMap(([state, said]) => [
            `Sandbox in-${state}, ${said}`,
            ...(state === 'running' ? sessionRows : []),
          ]),
        'Snapshots',
        `Snapshot warm, ${moment(createdAt)}, debian`,
        'Account Filtered, 1 sandbox, 1 hidden by the filter',
        'Clear Filter, 1 sandbox hidden',
        'Snapshots',
        'Warning: The service is away.',
        'Account Lost',
        'Warning: The service is away.',
        'Account Locked, sign in again',
        'Sign In Again…, The key was refused.',
      ],
    );
    deepEqual(new Set(rows.map(({ node }) => node.kind)), new Set(Object.keys(kinds)));
  });
});

describe('a list in the tree', () => {
  const service = async () => {
    const work = new Service();
    work.sandboxes = [sandbox('one', 'running')];
    work.sessions = async () => [session('first')];
    work.snapshots = async () => [snapshot('old')];
    return { work, ...(await treeOver({ Work: work })) };
  };
  const pause = (milliseconds = 200) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  it('is read when it is opened, also when it was read a moment ago, and shows what was known first', async () => {
    const { work, tree } = await service();
    for (const [kind, call] of [
      ['snapshots', 'snapshots'],
      ['sandbox', 'sessions'],
    ] as const) {
      const row = await find(tree, kind);
      const before = await labelsBelow(tree, row);
      work.snapshots = async () => [snapshot('new'), snapshot('old')];
      work.sessions = async () => [session('first'), session('second')];
      const asked = work.count(call);
      tree.collapsed(row);
      deepEqual(await labelsBelow(tree, row), before);
      await until('it shows what is new', async () => (await labelsBelow(tree, row)).length === 2);
      equal(work.count(call), asked + 1);
    }
    equal(work.mostAtOnce, 1);
    tree.dispose();
  });

  it('has VS Code ask for it when it is opened, which would show what it has kept otherwise', async () => {
    const { tree } = await service();
    const row = await find(tree, 'snapshots');
    const changed: (Node[] | undefined)[] = [];
    tree.onDidChangeTreeData((nodes) => changed.push(nodes));
    tree.collapsed(row);
    deepEqual(changed, [[row]]);
    tree.dispose();
  });

  it('is not read while it is closed, or its account, or the view is not there', async () => {
    const { work, sessions, tree } = await service();
    const account = await find(tree, 'account');
    const asked = () => work.count('sessions');
    const row = await find(tree, 'sandbox');
    const readsNothing = async () => {
      const before = asked();
      sessions.forget();
      await pause();
      equal(asked(), before);
    };
    tree.collapsed(row);
    await readsNothing();
    const closed = asked();
    await tree.getChildren(row);
    await until('it is read when it is opened', () => asked() === closed + 1);
    tree.collapsed(account);
    await readsNothing();
    const before = asked();
    tree.expanded(account);
    await until('it is read when its account is opened', () => asked() === before + 1);
    tree.setVisible(false);
    await readsNothing();
    tree.setVisible(true);
    await until('it is read when the view is there again', () => asked() === before + 2);
    tree.dispose();
  });

  it('is not read once more while that is under way, but afterwards', async () => {
    const { work, sessions, tree } = await service();
    const row = await find(tree, 'sandbox');
    work.sessions = async () => (await pause(100), []);
    const before = work.count('sessions');
    sessions.forget();
    await until('it is read', () => work.count('sessions') === before + 1);
    sessions.forget();
    sessions.forget();
    await until('it is empty', async () => (await labelsBelow(tree, row)).length === 0);
    await until('it is read once more', () => work.count('sessions') === before + 2);
    await pause();
    deepEqual([work.count('sessions'), work.mostAtOnce], [before + 2, 1]);
    tree.dispose();
  });

  it('loses the sessions that have ended as soon as that is known', async () => {
    const { work, sessions, tree } = await service();
    const ids = Array.from({ length: 20 }, (_, index) => `shell-${index}`);
    work.sessions = async () => ids.map((id) => session(id));
    const row = await find(tree, 'sandbox');
    equal((await labelsBelow(tree, row)).length, 20);
    const drawn: (Node[] | undefined)[] = [];
    tree.onDidChangeTreeData((nodes) => drawn.push(nodes));
    work.sessions = async () => ids.map((id) => session(id, { active: false, exitCode: 0 }));
    sessions.forget();
    await until('the row of its sandbox is drawn', () => drawn.some((nodes) => nodes?.includes(row)));
    deepEqual(await labelsBelow(tree, row), []);
    tree.dispose();
  });

  it('is read again by itself when the service has said it may be, and not before', async () => {
    const { work, tree } = await service();
    const row = await find(tree, 'snapshots');
    work.snapshots = async () => {
      throw new ProviderError('rateLimited', 'Slow down.', { retryAfterMs: 1_000 });
    };
    tree.collapsed(row);
    await tree.getChildren(row);
    await until('it says so', async () => (await labelsBelow(tree, row))[0] === 'Slow down.');
    const before = work.count('snapshots');
    tree.readAgain();
    await tree.getChildren(row);
    equal(work.count('snapshots'), before);
    work.snapshots = async () => [snapshot('there')];
    await until('it is there', async () => (await labelsBelow(tree, row))[0] === 'there');
    tree.dispose();
  });
});
