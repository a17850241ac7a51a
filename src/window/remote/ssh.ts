import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable.ts';
import { once } from '../../common/once.ts';
import { plain } from '../../common/text.ts';
import { ProviderError, unlessGone } from '../../sandboxes/errors.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { SshAccessApi } from '../../sandboxes/provider.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { configFiles } from '../../ssh/config/files.ts';
import type { MayGo } from '../../ssh/config/hosts.ts';
import type { Survey } from '../../ssh/config/survey.ts';
import { sshFolderAt } from '../../ssh/folder.ts';
import type { HostRecord, KeptAccess } from '../../ssh/hostRecord.ts';
import type { Serving, SshIntegration, Subject } from '../../ssh/integration.ts';
import type { WindowLog } from '../log.ts';
import { openSsh } from '../network.ts';
import { settings } from '../settings.ts';
import { SshMemory } from './memory.ts';
import { forgetPlatforms } from './platform.ts';
import { renewer } from './renewer.ts';

type GetAccess = (integration: SshIntegration, host: string, api: SshAccessApi) => Promise<unknown>;

/**
 * The SSH hosts of this installation, seen from a window. Nothing of it is loaded before its first use, or before a
 * start at which there are hosts.
 */
export class Ssh implements Disposable {
  readonly memory: SshMemory;
  /** What does the work. */
  readonly integration: () => Promise<SshIntegration>;
  readonly #context: vscode.ExtensionContext;
  readonly #fleet: Fleet;
  readonly #log: WindowLog;
  readonly #changes: Disposable;
  /** Where the program looks that the editor runs when it uninstalls us. */
  readonly #root = join(homedir(), '.ssh', 'sandbox-explorer');
  /** Names this installation among those that share the folder. */
  readonly #installation: string;
  /** Of each account, which of its lists the hosts were last compared with. */
  readonly #compared = new Map<string, string>();
  #serving: Promise<Serving> | undefined;

  constructor(context: vscode.ExtensionContext, fleet: Fleet, log: WindowLog) {
    this.#context = context;
    this.#fleet = fleet;
    this.#log = log;
    this.memory = new SshMemory(context.globalState);
    const { fsPath } = context.globalStorageUri;
    this.#installation = createHash('sha256').update(fsPath).digest('hex').slice(0, 16);
    this.integration = once(() => this.#open());
    this.#changes = fleet.onDidChange(() => this.#compare());
  }

  /**
   * Whether this installation has hosts, or had some: then there is something to do for SSH. It costs one look at the
   * disk, where any window, in whichever browser, finds the same.
   */
  hasHosts(): boolean {
    return existsSync(join(configFiles(sshFolderAt(this.#root)).fragments, this.#installation));
  }

  /** Serves the hosts, if there are any: all that is done otherwise is to look whether there are. */
  start(): void {
    if (this.hasHosts()) void this.#quietly(this.#serve());
  }

  /**
   * Gives a sandbox its host, and credentials that are good for some minutes at least.
   * @param survey One that has looked at the user's configs already.
   * @returns the host's name
   * @throws ProviderError `conflict` when somebody else has made credentials, which are left alone
   */
  async setUp(sandbox: Sandbox, signal: AbortSignal, survey?: Survey): Promise<string> {
    const ensure: GetAccess = (integration, host, api) => integration.ensureAccess(host, api, { signal });
    return await this.#access(sandbox, ensure, survey);
  }

  /** Whether it can be said to the service which credentials to replace, or to take back. */
  async knowsAccess(sandbox: Sandbox): Promise<boolean> {
    const { anySet } = await this.api(sandbox);
    return anySet !== undefined || (await this.keptAccess(sandbox)) !== undefined;
  }

  /** The credentials that are kept here of a sandbox. */
  async keptAccess({ key }: Sandbox): Promise<KeptAccess | undefined> {
    return (await (await this.integration()).find(key))?.record.access;
  }

  /** Makes new credentials for a sandbox, which ends those that there are: only where it `knowsAccess`. */
  async regenerate(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
    await this.#access(sandbox, (integration, host, api) => integration.regenerate(host, api, { signal }));
  }

  /**
   * Takes back the credentials of a sandbox, and takes away its host before anybody gets new ones by it: only where it
   * `knowsAccess`.
   */
  async revoke(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
    const { id, key } = sandbox;
    const api = await this.api(sandbox);
    const integration = await this.integration();
    await integration.betweenRenewals(key, async (kept) => {
      if (api.anySet) await unlessGone(api.anySet.revoke(id, { signal }));
      else if (kept) await unlessGone(api.revoke(id, kept.accessId, { signal }));
      await this.#remove([key]);
    });
  }

  /** Takes away the host of a sandbox that never got credentials: nobody can get in there. Never rejects. */
  async forgetUnused(sandbox: Sandbox): Promise<void> {
    const { key } = sandbox;
    const forget = async () => {
      if (!(await (await this.integration()).hosts()).has(key)) return;
      await this.#remove([key], async () => (await this.keptAccess(sandbox)) === undefined);
    };
    await this.#quietly(forget());
  }

  /** How many hosts of this editor lead to sandboxes of an account; none where that cannot be read. Never rejects. */
  async countOf(accountId: string): Promise<number> {
    if (!this.hasHosts()) return 0;
    const read = async () => (await this.integration()).hosts(accountId);
    return (await this.#quietly(read()))?.size ?? 0;
  }

  /** Takes away the hosts of an account. */
  async forgetAccount(accountId: string): Promise<void> {
    await this.#remove([...(await (await this.integration()).hosts(accountId)).keys()]);
  }

  /** Removes all hosts, and all else that came of them. @returns the editors that still use our folder */
  async removeEverything(): Promise<string[]> {
    const integration = await this.integration();
    // A list that is damaged goes, too.
    const hosts = (await this.#quietly(integration.hosts())) ?? new Map<string, string>();
    // Whatever it renews would only be in the way.
    await this.#stop();
    const others = await integration.removeEverything().catch((thrown: unknown) => {
      this.start();
      throw thrown;
    });
    await forgetPlatforms([...hosts.values()], this.#log);
    await this.memory.forgetAll();
    return others;
  }

  /** @throws ProviderError `invalid` when the service has no SSH */
  async api({ accountId, name }: Sandbox): Promise<SshAccessApi> {
    const { ssh } = await this.#fleet.account(accountId).provider();
    if (!ssh) throw new ProviderError('invalid', `${name} cannot be reached by SSH.`);
    return ssh;
  }

  dispose(): void {
    this.#changes.dispose();
    void this.#stop();
  }

  async #open(): Promise<SshIntegration> {
    const extensions = dirname(this.#context.extensionPath);
    return await openSsh(this.#context, this.#log, {
      root: this.#root,
      editor: { id: this.#installation, name: vscode.env.appName, extensions },
    });
  }

  #subject(sandbox: Sandbox, { service }: SshAccessApi): Subject {
    const { account } = this.#fleet.account(sandbox.accountId);
    const dataFolder = account.provider === 'local' ? settings.localDataFolder() : undefined;
    return { account, sandbox, dataFolder, service };
  }

  /** Gives a sandbox its host, and credentials by `get`. @returns the host's name */
  async #access(sandbox: Sandbox, get: GetAccess, survey?: Survey): Promise<string> {
    const api = await this.api(sandbox);
    const integration = await this.integration();
    const host = await integration.add(this.#subject(sandbox, api), survey);
    await get(integration, host, api);
    await this.#serve();
    return host;
  }

  async #stop(): Promise<void> {
    const server = await this.#serving?.catch(() => undefined);
    this.#serving = undefined;
    server?.dispose();
  }

  async #serve(): Promise<void> {
    const serving = this.#serving;
    const server = await serving?.catch(() => undefined);
    if (this.#serving === serving && !server?.isFound()) {
      server?.dispose();
      this.#serving = this.integration().then((integration) =>
        integration.serve(renewer(this.#context, this.#fleet, this.memory, this.#log)),
      );
    }
    await this.#serving?.catch((thrown: unknown) => {
      this.#serving = undefined;
      throw thrown;
    });
  }

  /** Looks for hosts of sandboxes that are gone whenever there is news of an account that can be reached. */
  #compare(): void {
    for (const { account, sandboxes, listedAt, error } of this.#fleet.views()) {
      const seen = `${listedAt}:${sandboxes.length}`;
      if (listedAt === undefined || error || this.#compared.get(account.id) === seen) continue;
      this.#compared.set(account.id, seen);
      if (this.hasHosts())
        void this.#quietly(this.#removeGone(account.id, new Set(sandboxes.map(({ key }) => key))));
    }
  }

  /** Another window may have made what our list lacks, so the service has the last word on each. */
  async #removeGone(accountId: string, listed: ReadonlySet<string>): Promise<void> {
    const integration = await this.integration();
    const gone = new Map<string, HostRecord | undefined>();
    for (const [key, host] of await integration.hosts(accountId)) {
      if (listed.has(key)) continue;
      const record = integration.recordOf(host);
      // Without one nobody can get in, and nobody can tell any more which sandbox it was.
      const look = async () => !record || !(await this.#fleet.account(accountId).confirm(record.sandbox.id));
      // One that cannot be told keeps none of the others.
      if (await this.#quietly(look())) gone.set(key, record);
    }
    // One that has changed since may be good again.
    await this.#remove([...gone.keys()], async (key, host) =>
      isDeepStrictEqual(integration.recordOf(host), gone.get(key)),
    );
  }

  async #remove(keys: readonly string[], mayGo?: MayGo): Promise<void> {
    if (keys.length === 0) return;
    const integration = await this.integration();
    await forgetPlatforms(await integration.remove(new Set(keys), mayGo), this.#log);
    const left = await integration.hosts();
    await this.memory.forgetFolders(keys.filter((key) => !left.has(key)));
  }

  /** Writes down what goes wrong, for whoever can do without. */
  #quietly<T>(task: Promise<T>): Promise<T | undefined> {
    return task.catch((thrown: unknown) => {
      this.#log.warn(`SSH: ${plain(ProviderError.from(thrown).message)}`);
      return undefined;
    });
  }
}
