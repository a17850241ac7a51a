import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../src/window/api/types.ts';
import { answering, enter } from './answers.ts';
import { CloudAccount } from './cloudAccount.ts';
import { command, toldDuring } from './helpers.ts';

const create = 'POST /v1/sandbox/';
const toOptions: readonly (string | typeof enter)[] = [enter, enter, 'More options…'];

describe('the wizard', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-explorer-env-'));
  let account: CloudAccount;

  before(async () => {
    account = await CloudAccount.add();
  });

  afterEach(() => account.clear());

  after(async () => {
    await account.remove();
    rmSync(folder, { recursive: true });
  });

  const createBy = (...answers: (string | typeof enter)[]) =>
    answering(answers, () => command<SandboxInfo>('create', account.row));
  const made = () => account.lastBody(create);

  /** Creates with the variables of a file that says this. */
  function createFrom(text: string): Promise<unknown> {
    const file = join(folder, `${account.count(create)}.env`);
    writeFileSync(file, text);
    return createFromFile(file);
  }

  async function createFromFile(file: string): Promise<unknown> {
    const { showOpenDialog } = vscode.window;
    Object.assign(vscode.window, { showOpenDialog: async () => [vscode.Uri.file(file)] });
    try {
      const typed = ['Variables', 'Type a variable', 'TYPED=first'];
      await createBy(...toOptions, ...typed, 'From a .env file', 'Done', 'Create');
    } finally {
      Object.assign(vscode.window, { showOpenDialog });
    }
    return made()['env_vars'];
  }

  describe('remembers', () => {
    it('what becomes of a sandbox at its end', async () => {
      await createBy(...toOptions, 'At its end', 'Delete it', 'Create');
      equal(made()['auto_pause'], false);
      await createBy(enter, enter, enter);
      equal(made()['auto_pause'], false);
      await createBy(...toOptions, 'At its end', 'Pause it', 'Create');
      await createBy(enter, enter, enter);
      equal(made()['auto_pause'], true);
    });

    it('nothing that was not chosen in it', async () => {
      const lasting = await createBy(...toOptions, 'At its end', 'Delete it', 'Create');
      await createBy(...toOptions, 'At its end', 'Pause it', 'Network', 'Deny all', 'Create');
      await command('createWithDefaults', account.row);
      deepEqual(made()['network_policy'], undefined);
      const { key } = (await account.sandboxes()).find(({ id }) => id === lasting.id) ?? lasting;
      await command('createAgain', account.rowOf({ ...lasting, key }));
      equal(made()['auto_pause'], false);
      await createBy(enter, enter, enter);
      equal(made()['auto_pause'], true);
      deepEqual(made()['network_policy'], { mode: 'deny-all' });
      await createBy(...toOptions, 'Network', 'Allow all', 'Create');
    });

    it('no name: two sandboxes would have the same', async () => {
      const first = await createBy(...toOptions, 'Name', 'only one', 'Create');
      const second = await createBy(enter, enter, enter);
      const names = new Map((await account.sandboxes()).map(({ id, name }) => [id, name]));
      equal(names.get(first.id), 'only one');
      match(names.get(second.id) ?? '', /-\d+$/);
    });

    it('no variables, which may be secrets', async () => {
      const variable = ['Variables', 'Type a variable', 'TOKEN=s3cret', 'Done', 'Create'];
      await createBy(...toOptions, ...variable);
      deepEqual(made()['env_vars'], { TOKEN: 's3cret' });
      await createBy(enter, enter, enter);
      ok(!account.cloud.bodies.at(account.cloud.calls.lastIndexOf(create))?.includes('s3cret'));
    });

    it('the network, without the headers that are set; and says so before it is used again', async () => {
      // The engine has no custom policies: what is asked for is what counts here.
      account.cloud.instead = (call) => {
        if (call !== create) return undefined;
        const launch_time = Math.round(Date.now() / 1000);
        return [201, { ...answered, id: `policy-${account.count(create)}`, launch_time }];
      };
      const lists = ['Network', 'Custom', 'api.example.com', '10.0.0.0/24'];
      const changing = ['Change headers', 'api.example.com'];
      // The same headers, in other letters, are taken the place of.
      const wrong = ['Set a header', 'authorization', 'Bearer mistyped', 'Remove a header', 'cookie'];
      const setting = ['Set a header', 'Authorization', 'Bearer s3cret'];
      const removing = ['Remove a header', 'Cookie', 'Done', 'Done'];
      await createBy(...toOptions, ...lists, ...changing, ...wrong, ...setting, ...removing, 'Create');
      const policy = { mode: 'custom', allow_domains: ['api.example.com'], allow_cidrs: ['10.0.0.0/24'] };
      deepEqual(made()['network_policy'], {
        ...policy,
        transforms: [
          {
            domain: 'api.example.com',
            inject_headers: { Authorization: 'Bearer s3cret' },
            strip_headers: ['Cookie'],
          },
        ],
      });
      const shown = await descriptionsDuring(() => createBy(enter, enter, enter));
      deepEqual(made()['network_policy'], {
        ...policy,
        transforms: [{ domain: 'api.example.com', strip_headers: ['Cookie'] }],
      });
      ok(
        shown.some((text) => text.includes('network: api.example.com, 10.0.0.0/24')),
        shown.join('\n'),
      );
      await createBy(...toOptions, 'Network', 'Allow all', 'Create');
    });
  });

  it('gives way to one for another account that is clicked while it stands', async () => {
    const local = { kind: 'account', view: { account: { id: 'local' } } };
    const before = account.count(create);
    const { createQuickPick } = vscode.window;
    let abandoned: PromiseLike<unknown> | undefined;
    await new Promise<void>((resolve) => {
      const watched = () => {
        const picker = createQuickPick();
        const show = picker.show.bind(picker);
        return Object.assign(picker, { show: () => (show(), resolve()) });
      };
      Object.assign(vscode.window, { createQuickPick: watched });
      abandoned = command('create', local);
    }).finally(() => Object.assign(vscode.window, { createQuickPick }));
    await createBy(enter, enter, enter);
    equal(await abandoned, undefined);
    equal(account.count(create), before + 1);
  });

  describe('reads a .env file', () => {
    it('as everybody writes them: comments, quotes, export, blanks, several lines', async () => {
      const text = [
        '# a comment',
        '',
        'PLAIN=one # and a comment',
        'export EXPORTED=two',
        `SINGLE='three # not a comment'`,
        'DOUBLE="four\\nfive"',
        'SPACED = six ',
        'EMPTY=',
        'MANY="first',
        'second"',
        'URL=https://example.com/?a=b',
      ].join('\r\n');
      deepEqual(await createFrom(text), {
        TYPED: 'first',
        PLAIN: 'one',
        EXPORTED: 'two',
        SINGLE: 'three # not a comment',
        DOUBLE: 'four\nfive',
        SPACED: 'six',
        EMPTY: '',
        MANY: 'first\nsecond',
        URL: 'https://example.com/?a=b',
      });
    });

    it('whose variables go beside those that were typed, and win over them', async () => {
      const file = join(folder, 'both.env');
      writeFileSync(file, 'A=of the file\n');
      const { showOpenDialog } = vscode.window;
      Object.assign(vscode.window, { showOpenDialog: async () => [vscode.Uri.file(file)] });
      const typed = ['Variables', 'Type a variable', 'A=typed', 'Type a variable', 'B=typed'];
      await createBy(...toOptions, ...typed, 'From a .env file', 'Done', 'Create').finally(() =>
        Object.assign(vscode.window, { showOpenDialog }),
      );
      deepEqual(made()['env_vars'], { A: 'of the file', B: 'typed' });
    });

    it('and names the variables whose value a # has cut, without a word of what they hold', async () => {
      let env: unknown;
      const text = 'PIN=12#34 # c\nKEY=open#sesame\nPLAIN=one # and a comment\n';
      const told = await toldDuring('showWarningMessage', async () => (env = await createFrom(text)));
      equal(told.length, 1);
      match(
        told[0]?.message ?? '',
        /^The values of PIN and KEY end at a #: .*\.env was taken for a comment\./,
      );
      doesNotMatch(told[0]?.message ?? '', /12|34|open|sesame|PLAIN/);
      deepEqual(env, { TYPED: 'first', PIN: '12', KEY: 'open', PLAIN: 'one' });
    });

    it('and takes nothing of one with bad lines, but names each of them', async () => {
      let env: unknown;
      const text = 'GOOD=1\nthis is no variable\n2BAD=x\n';
      const told = await toldDuring('showWarningMessage', async () => (env = await createFrom(text)));
      equal(told.length, 1);
      match(told[0]?.message ?? '', /^Nothing was taken from .*\.env\. /);
      match(told[0]?.message ?? '', /line 2: This is neither NAME=value nor a comment\./);
      match(told[0]?.message ?? '', /env\.2BAD: A name has letters/);
      deepEqual(env, { TYPED: 'first' });
    });

    const unreadable: Readonly<Record<string, readonly [make: (file: string) => void, told: RegExp]>> = {
      'is not there': [
        () => undefined,
        /^Nothing was taken from .*missing\.env\. .*(nonexistent|not found|ENOENT)/i,
      ],
      'is a folder': [(file) => mkdirSync(file), /It is no file\./],
      'is far too large': [(file) => writeFileSync(file, 'A=1\n'.repeat(100_000)), /more than 256 KiB/],
      'is something else': [
        (file) => writeFileSync(file, randomBytes(100_000)),
        /(line \d+: .* ){5}\d+ more like these\./,
      ],
    };
    for (const [what, [make, text]] of Object.entries(unreadable)) {
      it(`and tells of one that ${what} where it was chosen; no answer is lost`, async () => {
        const file = join(folder, `missing.env`);
        rmSync(file, { recursive: true, force: true });
        make(file);
        let env: unknown;
        const told = await toldDuring('showWarningMessage', async () => (env = await createFromFile(file)));
        equal(told.length, 1);
        match(told[0]?.message ?? '', text);
        deepEqual(env, { TYPED: 'first' });
      });
    }
  });
});

/** A sandbox as the service describes it. */
const answered = {
  template_id: 'tpl',
  template_name: 'system/debian:bookworm',
  state: 'running',
  vcpu: 1,
  memory: 1024,
  disk: 8192,
  timeout: 300,
  auto_pause: true,
};

/** What stands beside the choices that are shown while a task runs. */
async function descriptionsDuring(task: () => Promise<unknown>): Promise<string[]> {
  const shown: string[] = [];
  const { createQuickPick } = vscode.window;
  Object.assign(vscode.window, {
    createQuickPick: () => {
      const picker = createQuickPick();
      const show = picker.show.bind(picker);
      const note = () => {
        shown.push(...picker.items.map(({ description }) => description ?? ''));
        show();
      };
      return Object.assign(picker, { show: note });
    },
  });
  try {
    await task();
  } finally {
    Object.assign(vscode.window, { createQuickPick });
  }
  return shown;
}
