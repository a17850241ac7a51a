import { existsSync } from 'node:fs';
import type { Disposable } from '../common/disposable.ts';
import type { Log } from '../common/log.ts';
import type { NetworkSettings } from '../net/network.ts';
import { ProviderError, unlessGone } from '../sandboxes/errors.ts';
import type { PortForward } from '../sandboxes/forwards.ts';
import type { CallOptions, SshAccessApi } from '../sandboxes/provider.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { fileFailure } from './config/failure.ts';
import type { Host } from './config/fragment.ts';
import { type Editor, type MayGo, type Put, SshHosts } from './config/hosts.ts';
import { removeEverything } from './config/removeEverything.ts';
import { ownConfig } from './config/ssh.ts';
import { configFiles } from './config/files.ts';
import type { Survey } from './config/survey.ts';
import { forwardPort } from './forward.ts';
import { accessFile, sshFolderAt, type SshFolder } from './folder.ts';
import {
  describeHost,
  fingerprint,
  isFresh,
  readHost,
  renewalPatienceMs,
  type HostRecord,
  type KeptAccess,
} from './hostRecord.ts';
import { install, type Installation } from './installation.ts';
import { writeNetwork } from './networkFile.ts';
import { locked } from './ownFiles.ts';
import type { KeyPair } from './keys/keyPair.ts';
import { sandboxLock } from './renewal/accessBook.ts';
import { renewAccess } from './renewal/renewAccess.ts';
import { renewOnce } from './renewal/renewOnce.ts';
import { RenewalServer, type RenewalOptions } from './renewal/server.ts';
import { sshCommandFor } from './terminalCommand.ts';

/** Loads the bundle that reads keys: most accounts need none. */
const loadKeys = () => import('./keys/keyPair.ts');

export interface IntegrationOptions {
  /** Our folder: an absolute path. */
  readonly root: string;
  readonly editor: Editor;
  /** The user's own config; empty for the one that `ssh` reads without being told. */
  readonly configFile: () => string;
  /** The user's own key for services that need one; empty for the pair that is ours. */
  readonly identityFile: () => string;
  /** What is thrown in place of the reason why the user's own key cannot be used: it leads to where that is mended. */
  readonly identityFailure: (reason: ProviderError) => ProviderError;
  /** Where the extension has its `ssh-proxy.js`. */
  readonly program: string;
  readonly lent: Installation;
  readonly network: () => NetworkSettings;
  readonly onDidChangeNetwork: (listener: () => void) => Disposable;
  readonly log: Log;
}

/** What an entry and its file say of a sandbox. */
export interface Subject {
  readonly account: { readonly id: string; readonly name: string };
  readonly sandbox: Pick<Sandbox, 'id' | 'key' | 'name' | 'template'>;
  /** Only for the local engine's: where it keeps them. */
  readonly dataFolder?: string | undefined;
  /** The address of any other service. */
  readonly service?: string | undefined;
}

/** A sandbox's host, as it is now. */
export interface KnownHost {
  readonly host: string;
  readonly record: HostRecord;
}

/** A window's service for the ssh-proxies. */
export interface Serving extends Disposable {
  /** Whether they can find it and trust it: that ends when another window removes our folder. */
  isFound(): boolean;
}

/** What one editor does to the SSH config and in our folder. Every call throws ProviderError and nothing else. */
export class SshIntegration {
  readonly #folder: SshFolder;
  readonly #options: IntegrationOptions;

  constructor(options: IntegrationOptions) {
    this.#options = options;
    this.#folder = sshFolderAt(options.root);
  }

  /** The user's own config. */
  get configFile(): string {
    return this.#options.configFile() || this.ownConfig;
  }

  /** The config that `ssh` reads without being told. */
  get ownConfig(): string {
    return ownConfig();
  }

  /** Serves the ssh-proxies until it is disposed; entries of an older version of the extension start this one's. */
  async serve(renew: RenewalOptions['renew']): Promise<Serving> {
    await this.#put([]);
    const { log, onDidChangeNetwork } = this.#options;
    const renewHere: typeof renew = async (...asked) => {
      // Another editor, which has other settings, may have left its own since.
      await this.#tellNetwork();
      return await renew(...asked);
    };
    const server = await this.#guard(() =>
      RenewalServer.start({ folder: this.#folder, renew: renewHere, log }),
    );
    const listening = onDidChangeNetwork(() => void this.#tellNetwork());
    return {
      isFound: () => server.isFound,
      dispose: () => {
        listening.dispose();
        server.dispose();
      },
    };
  }

  /**
   * Writes the entry of a sandbox. Credentials are not made, and those that it has stay.
   * @param survey One that has looked at the user's configs already.
   */
  async add(subject: Subject, survey?: Survey): Promise<string> {
    const { account, sandbox, dataFolder, service } = subject;
    const { id, key, name, template } = sandbox;
    const entry = {
      key,
      accountId: account.id,
      account: account.name,
      sandbox: name,
      kind: 'proxy' as const,
    };
    const { names } = await this.#put([{ ...entry, ...(template && { template }) }], survey);
    const host = names.get(key);
    if (!host) throw new ProviderError('protocol', `${name} got no SSH host.`);
    await describeHost(this.#folder, host, {
      account: { id: account.id, name: account.name },
      sandbox: { id, name },
      ...(dataFolder !== undefined && { dataFolder }),
      ...(service !== undefined && { service }),
    });
    // Another window may have taken it for one that was never finished.
    return (await this.#hosts().nameOf(key)) === host ? host : await this.add(subject, survey);
  }

  /** The host of a sandbox; nothing when it has none, or one that was only begun. */
  async find(key: string): Promise<KnownHost | undefined> {
    const host = await this.#hosts().nameOf(key);
    if (host === undefined || !existsSync(accessFile(this.#folder, host))) return undefined;
    return { host, record: readHost(this.#folder, host) };
  }

  /** The sandbox of a host; nothing when it is none of ours. */
  recordOf(host: string): HostRecord | undefined {
    try {
      return readHost(this.#folder, host);
    } catch {
      return undefined;
    }
  }

  /**
   * Makes or renews the credentials of a host unless they are good for some minutes yet.
   * @throws ProviderError `conflict` when somebody else has made a set, which is left alone
   */
  async ensureAccess(host: string, api: SshAccessApi, options: CallOptions = {}): Promise<KeptAccess> {
    const { access } = readHost(this.#folder, host);
    if (access && isFresh(access)) return access;
    return renewOnce(this.#folder, host, fingerprint(access), (record, book) =>
      renewAccess(api, record, book, options),
    );
  }

  /**
   * Replaces the credentials of a sandbox: whatever uses the old ones ends. They may be anybody's where the service knows
   * them without their ID, else they are those that are kept here.
   */
  async regenerate(host: string, api: SshAccessApi, options: CallOptions = {}): Promise<KeptAccess> {
    const { access } = readHost(this.#folder, host);
    // Nothing is claimed: if this is cut off, whoever's set it is then stays so until the user has been asked again.
    return renewOnce(this.#folder, host, fingerprint(access), async ({ sandbox, access: kept }) => {
      const made = api.anySet
        ? api.anySet.regenerate(sandbox.id, options)
        : kept && api.regenerate(sandbox.id, kept.accessId, options);
      return (made && (await unlessGone(made))) || api.create(sandbox.id, options);
    });
  }

  /**
   * Runs a task while nobody renews the credentials of a sandbox, through whichever host. Where it has none here, there is
   * nothing to wait for.
   * @param task Gets the credentials that are kept here by then.
   */
  async betweenRenewals<T>(key: string, task: (kept?: KeptAccess) => Promise<T>): Promise<T> {
    const known = await this.find(key);
    if (!known) return await task();
    return await locked(sandboxLock(this.#folder, known.record), renewalPatienceMs, async () =>
      task((await this.find(key))?.record.access),
    );
  }

  /**
   * Takes away the hosts of these sandboxes, with what is kept of their credentials.
   * @param mayGo For a removal that no user asks for: has the last word on each. Those that somebody is setting up stay.
   */
  remove(keys: ReadonlySet<string>, mayGo?: MayGo): Promise<string[]> {
    return this.#hosts().remove(keys, mayGo);
  }

  /** The hosts of this editor by their sandboxes' keys: of one account, or of all. */
  hosts(accountId?: string): Promise<ReadonlyMap<string, string>> {
    return this.#hosts().names(accountId);
  }

  /** Begins to look at the user's configs for a sandbox's host: the one that it has, or the one that it will get. */
  survey({ account, sandbox }: Pick<Subject, 'account' | 'sandbox'>): Promise<Survey> {
    return this.#hosts().survey({ key: sandbox.key, account: account.name, sandbox: sandbox.name });
  }

  /** What to type in a terminal of this machine to get into the sandbox of a host. */
  command(survey: Survey): Promise<string> {
    return sshCommandFor(this.#folder, this.configFile, survey);
  }

  /** Has a port of a host found on `localhost`, until that is disposed. */
  forward(host: string, port: number, signal: AbortSignal): Promise<PortForward> {
    const { config } = configFiles(this.#folder);
    return forwardPort({ config, host, port, signal, log: this.#options.log });
  }

  /**
   * The keys for a service that needs some: those that the user has named, else ours, which are made at the first use.
   * @throws ProviderError when the user has named a file that cannot be used: ours never stand in for it
   */
  async keyPair(): Promise<KeyPair> {
    const { identityFile, identityFailure } = this.#options;
    const { namedKeyPair, ourKeyPair } = await loadKeys();
    const named = identityFile();
    if (named === '') {
      await this.#hosts().register();
      return await ourKeyPair(this.#folder);
    }
    return await namedKeyPair(named).catch((thrown: unknown) => {
      throw identityFailure(ProviderError.from(thrown));
    });
  }

  /** Replaces our own pair, and never one that the user has named. */
  async rotateKeyPair(): Promise<KeyPair> {
    const { rotateKeyPair } = await loadKeys();
    await this.#hosts().register();
    return await rotateKeyPair(this.#folder);
  }

  /** Removes all that ever came of this editor, and of our line. @returns the editors that still use our folder */
  removeEverything(): Promise<string[]> {
    return removeEverything(this.#folder, [this.configFile], new Set([this.#options.editor.id]));
  }

  #hosts = () => new SshHosts(this.#folder, this.#options.editor, this.configFile);

  #put(hosts: readonly Host[], survey?: Survey): Promise<Put> {
    const installNow = async () => {
      await writeNetwork(this.#folder, this.#options.network());
      return await install(this.#folder, this.#options.program, this.#options.lent);
    };
    return this.#hosts().put(hosts, installNow, survey);
  }

  /** Tells ssh-proxy how this editor reaches the network: its next connection goes that way. */
  async #tellNetwork(): Promise<void> {
    await writeNetwork(this.#folder, this.#options.network()).catch((thrown: unknown) => {
      this.#options.log.warn(`ssh has no news of the network: ${ProviderError.from(thrown).message}`);
    });
  }

  async #guard<T>(task: () => Promise<T>): Promise<T> {
    const { root } = this.#folder;
    try {
      return await task();
    } catch (error) {
      throw fileFailure(error, `set up SSH in ${root}`, `Look at ${root}, then try again.`);
    }
  }
}
