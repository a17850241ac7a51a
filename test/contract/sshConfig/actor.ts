// Does one thing with the SSH config, in a process of its own: as somebody, in some home, until it is told to crash.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { plainNetwork } from '../../../src/net/network.ts';
import { explain, ProviderError } from '../../../src/sandboxes/errors.ts';
import type { Host } from '../../../src/ssh/config/fragment.ts';
import { SshHosts } from '../../../src/ssh/config/hosts.ts';
import { alone } from '../../../src/ssh/config/ourFolder.ts';
import { removeEverything } from '../../../src/ssh/config/removeEverything.ts';
import { Survey } from '../../../src/ssh/config/survey.ts';
import { addInclude, hasInclude, planInclude, removeInclude } from '../../../src/ssh/config/userConfig.ts';
import { readConfig, type SuccessfulReading } from '../../../src/ssh/config/ssh.ts';
import { accessFile, sshFolderAt } from '../../../src/ssh/folder.ts';
import { SshIntegration } from '../../../src/ssh/integration.ts';
import { sshCommandFor } from '../../../src/ssh/terminalCommand.ts';
import { crashAt } from './crash.ts';

/** What is to be done, and with what. */
export interface Order {
  readonly root: string;
  readonly configFile: string;
  readonly editor?: string;
  /** The folder of the editor's extensions. */
  readonly extensions?: string;
  /** Which version of ssh-proxy it has. */
  readonly version?: string;
  /** Which use of the file system is the last. */
  readonly crashAt?: number;
}

export interface Answer<T> {
  readonly result?: T;
  /** What a person is told when it has failed. */
  readonly error?: string;
  readonly kind?: string;
  /** Uses of the file system. */
  readonly uses: number;
}

const parts = (order: Order) => {
  const folder = sshFolderAt(order.root);
  const { configFile, editor = 'code', extensions = '/', version = '1' } = order;
  return {
    folder,
    install: async () => join(folder.bin, version, 'ssh-proxy'),
    hosts: new SshHosts(folder, { id: editor, name: editor, extensions }, configFile),
  };
};

/** A sandbox that has its key for a name. */
const sandbox = (key: string): Host => ({
  key,
  accountId: 'local',
  account: 'Local',
  sandbox: key,
  kind: 'proxy',
});

function remove(order: Order): Promise<void> {
  const { folder } = parts(order);
  return alone(folder, () => removeInclude(folder, order.configFile));
}

function integrationOf({ root, configFile, editor: id = 'code', extensions = '/' }: Order): SshIntegration {
  return new SshIntegration({
    root,
    editor: { id, name: id, extensions },
    configFile: () => configFile,
    identityFile: () => '',
    identityFailure: (reason) => reason,
    program: __filename,
    lent: { runtime: process.execPath },
    network: plainNetwork.settings,
    onDidChangeNetwork: () => ({ dispose: () => undefined }),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
}

/** For a host that has its entry. */
const surveyOf = (order: Order & { host: string }) => new Survey(parts(order).folder, order.host, false);

/** Everything that can be ordered. */
export const deeds = {
  plan: (order: Order) => planInclude(parts(order).folder, order.configFile),
  has: (order: Order) => hasInclude(parts(order).folder, order.configFile),
  add: (order: Order) => addInclude(parts(order).folder, order.configFile),
  remove: (order: Order) => remove(order),
  /** All that a click on *Open in Remote-SSH* does to configs and asks of them, when every question is answered with yes. */
  open: async (order: Order & { sandbox?: Host }) => {
    const { folder, hosts, install } = parts(order);
    const { configFile, sandbox: opened = sandbox('web') } = order;
    const survey = await hosts.survey(opened);
    const plans = await survey.plan(configFile);
    await survey.include(plans);
    const { names } = await hosts.put([opened], install, survey);
    return {
      asked: plans.map(({ file }) => file),
      host: names.get(opened.key),
      outcome: await survey.check(configFile),
      command: await sshCommandFor(folder, configFile, survey),
    };
  },
  command: (order: Order & { host: string }) =>
    sshCommandFor(parts(order).folder, order.configFile, surveyOf(order)),
  conflicts: (order: Order & { host: string }) => surveyOf(order).check(order.configFile),
  put: async (order: Order & { sandboxes?: readonly string[]; hosts?: readonly Host[] }) => {
    const { sandboxes = [], hosts = sandboxes.map(sandbox) } = order;
    const { names, unchecked } = await parts(order).hosts.put(hosts, parts(order).install);
    return { names: Object.fromEntries(names), unchecked };
  },
  putOneByOne: async (order: Order & { sandboxes: readonly string[] }) => {
    const { hosts, install } = parts(order);
    for (const name of order.sandboxes) {
      await hosts.put([sandbox(name)], install);
      // Windows are busy with other things, too: one that never let go would leave the others no turn.
      await delay(20);
    }
  },
  drop: (order: Order & { sandboxes: readonly string[] }) =>
    parts(order).hosts.remove(new Set(order.sandboxes)),
  removeEverything: (order: Order & { editors: readonly string[] }) =>
    removeEverything(parts(order).folder, [order.configFile], new Set(order.editors)),
  keyPair: async (order: Order) => (await integrationOf(order).keyPair()).publicKey,
  /** In turns, with all that a window writes. @throws Error when something of that is not there any more */
  settleAndLeave: async (order: Order & { rounds: number }) => {
    const integration = integrationOf(order);
    const { account, ...rest } = sandbox('web');
    const subject = {
      account: { id: rest.accountId, name: account },
      sandbox: { id: 'web', key: 'web', name: 'web', template: undefined },
    };
    for (let round = 1; round <= order.rounds; round++) {
      const { file } = await integration.keyPair();
      const survey = await integration.survey(subject);
      const host = await integration.add(subject, survey);
      await survey.include(await survey.plan(order.configFile));
      const { options } = (await readConfig(order.configFile, host)) as SuccessfulReading;
      const [launcher = ''] = /[^"]+/.exec(options.get('proxycommand')?.[0] ?? '') ?? [];
      const lost = [file, launcher, accessFile(parts(order).folder, host)].filter(
        (path) => !existsSync(path),
      );
      if (lost.length > 0) throw new Error(`In round ${round} it has lost ${lost.join(', ')}`);
      await integration.removeEverything();
    }
  },
  /** In turns: as if its user could not make up their mind. */
  addAndRemove: async (order: Order & { rounds: number }) => {
    const { folder } = parts(order);
    for (let round = 0; round < order.rounds; round++) {
      await addInclude(folder, order.configFile);
      await remove(order);
    }
  },
};

export type Deeds = typeof deeds;

async function main(deed: keyof Deeds, order: Order): Promise<Answer<unknown>> {
  const uses = crashAt(order.crashAt ?? 0);
  try {
    const result = await (deeds[deed] as (order: Order) => Promise<unknown>)(order);
    return { result, uses: uses() };
  } catch (thrown) {
    const error = ProviderError.from(thrown);
    return { error: explain(error), kind: error.kind, uses: uses() };
  }
}

const [, , deed, order = '{}'] = process.argv;
void main(deed as keyof Deeds, JSON.parse(order)).then((answer) => console.log(JSON.stringify(answer)));
