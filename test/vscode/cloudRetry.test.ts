import { deepEqual, equal, match } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../src/window/api/types.ts';
import { answering, enter } from './answers.ts';
import { CloudAccount } from './cloudAccount.ts';
import { command, toldDuring, until } from './helpers.ts';

type Answers = readonly (string | typeof enter)[];

const create = 'POST /v1/sandbox/';
const toOptions: Answers = [enter, enter, 'More options…'];

describe('a create that fails', () => {
  let account: CloudAccount;
  const { showErrorMessage } = vscode.window;

  before(async () => {
    account = await CloudAccount.add();
  });

  afterEach(async () => {
    Object.assign(vscode.window, { showErrorMessage });
    await account.clear();
  });

  after(() => account.remove());

  const createBy = (...answers: Answers) =>
    answering(answers, () => command<SandboxInfo>('create', account.row));
  const bodies = () =>
    account.cloud.bodies
      .filter((_, index) => account.cloud.calls[index] === create)
      .map((body) => JSON.parse(body) as Record<string, unknown>);
  const named = async (wanted: string) => (await account.sandboxes()).find(({ name }) => name === wanted);
  const refuse = (status: number) => {
    account.cloud.instead = (call) => (call === create ? [status, { message: 'Not now' }] : undefined);
  };

  /** Answers every error by this button, if it has it, and lets the service work again first. */
  function answerErrors(button: string): string[][] {
    const offered: string[][] = [];
    Object.assign(vscode.window, {
      showErrorMessage: async (_: string, ...buttons: string[]) => {
        offered.push(buttons);
        account.cloud.instead = () => undefined;
        return buttons.find((one) => one === button);
      },
    });
    return offered;
  }

  it('is tried again by a button, with all that was typed, secrets included', async () => {
    refuse(503);
    const offered = answerErrors('Retry');
    const typed = ['Name', 'by hand', 'Variables', 'Type a variable', 'TOKEN=s3cret', 'Done'];
    await createBy(...toOptions, ...typed, 'At its end', 'Delete it', 'Create');
    const made = await until('the sandbox', () => named('by hand'));
    equal((await account.api.run(made.key, 'printf %s "$TOKEN"')).stdout, 's3cret');
    equal(offered.length, 1);
    equal(account.lastBody(create)['auto_pause'], false);
  });

  it('leads back to its questions by another button, with all that was typed, to be changed', async () => {
    refuse(400);
    const offered = answerErrors('Change…');
    const typed = ['Name', 'changed', 'Variables', 'Type a variable', 'TOKEN=s3cret', 'Done', 'Create'];
    await answering([...toOptions, ...typed, enter, '2 vCPU', enter], async () => {
      await command('create', account.row);
      await until('the sandbox', () => named('changed'));
    });
    deepEqual(offered, [['Change…', 'Show Log']], 'the very same would be refused again');
    const [refused, taken] = bodies().slice(-2);
    deepEqual(taken, { ...refused, vcpu: 2, memory: 2048, env_vars: { TOKEN: 's3cret' } });
  });

  it('is what the wizard begins with the next time, without what may be secret', async () => {
    refuse(400);
    answerErrors('');
    const typed = [
      'At its end',
      'Delete it',
      'Network',
      'Deny all',
      'Variables',
      'Type a variable',
      'A=s3cret',
    ];
    await createBy('Another template', 'my/template', enter, 'More options…', ...typed, 'Done', 'Create');
    refuse(400);
    await createBy(enter, enter, enter);
    const { template_name, auto_pause, network_policy, env_vars = {} } = account.lastBody(create);
    equal(template_name, 'my/template');
    equal(auto_pause, false);
    deepEqual(network_policy, { mode: 'deny-all' });
    deepEqual(env_vars, {});
    account.cloud.instead = () => undefined;
    await createBy('system/debian', enter, ...toOptions.slice(2), 'Network', 'Allow all', 'Create');
  });

  it('without an answer says that a sandbox may be there before it offers another try', async () => {
    account.cloud.instead = (call) => (call === create ? [504, {}] : undefined);
    const told = await toldDuring('showErrorMessage', () => command('createWithDefaults', account.row));
    equal(told.length, 1);
    match(told[0]?.message ?? '', /may have been made all the same: look for it before you try again/);
  });

  it('after its sandbox was made does not make a second one: the button waits for the first', async () => {
    const path = 'GET /v1/sandbox/stuck/';
    let state = 'starting';
    const stuck = () => ({ id: 'stuck', template_id: 'tpl', state });
    account.cloud.instead = (call) => {
      if (call === create) return [201, stuck()];
      if (call === 'GET /v1/sandboxes') return [200, { items: [stuck()], total_items: 1 }];
      if (call === path) return state === 'starting' ? [503, { message: 'Not now' }] : [200, stuck()];
      return undefined;
    };
    const before = account.count(create);
    let looks = 0;
    Object.assign(vscode.window, {
      showErrorMessage: async () => {
        looks = account.count(path);
        state = 'running';
        return 'Retry';
      },
    });
    await command('createWithDefaults', account.row);
    await until('the failure', () => looks > 0 || undefined);
    await until(
      'the end',
      async () => (await account.sandboxes()).every((one) => one.state === 'running') || undefined,
    );
    await until('another look', () => account.count(path) > looks || undefined);
    equal(account.count(create), before + 1);
  }).timeout(120_000);

  it('is avoided where telemetry cannot be exported: that is told where it is chosen', async () => {
    const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = process.env;
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    try {
      const told = await toldDuring('showWarningMessage', () =>
        createBy(...toOptions, 'OpenTelemetry export', 'Create'),
      );
      match(told[0]?.message ?? '', /OTEL_EXPORTER_OTLP_ENDPOINT is not set in the editor's environment/);
      equal((await account.sandboxes()).length, 1);
    } finally {
      if (endpoint !== undefined) process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = endpoint;
    }
  });
});
