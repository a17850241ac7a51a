import { ActivityMonitor } from './activity.ts';
import type { DataFolder } from './dataFolder.ts';
import { engineProtocol, engineVersion, type EngineInfo } from './engineInfo.ts';
import { ApiServer } from './http/apiServer.ts';
import { Gate } from './http/gate.ts';
import { listenOnLoopback, LoopbackOnDemand, type CreateListener } from './http/loopback.ts';
import { killOrphans } from './jail/orphans.ts';
import { findTools } from './jail/tools.ts';
import type { LogFile } from './logFile.ts';
import { UsageError, type EngineOptions, type ListenAddress } from './options.ts';
import { Presence } from './presence.ts';
import { engineRoutes } from './routes/engineRoutes.ts';
import { executeRoutes } from './routes/executeRoutes.ts';
import { filesystemRoutes } from './routes/filesystemRoutes.ts';
import { gitRoutes } from './routes/gitRoutes.ts';
import { notOffered } from './routes/notOffered.ts';
import { sandboxRoutes } from './routes/sandboxRoutes.ts';
import { snapshotRoutes } from './routes/snapshotRoutes.ts';
import { sshRoutes } from './routes/sshRoutes.ts';
import { terminalRoutes, terminalUpgrades } from './routes/terminalRoutes.ts';
import { SandboxRegistry } from './sandbox/registry.ts';
import { SandboxStore } from './sandbox/store.ts';
import { SnapshotRegistry } from './snapshot/registry.ts';
import { SnapshotStore } from './snapshot/store.ts';
import { Accesses } from './sshd/accesses.ts';
import { SshServer } from './sshd/sshServer.ts';
import { removeHalfWritten } from '../common/wholeFile.ts';
import { Trash } from './storage/trash.ts';
import { loadOrCreateToken } from './token.ts';

const maxIdleCheckMs = 5000;

/** The service: its sandboxes, its listeners, and its end. */
export class Engine {
  readonly #log: LogFile;
  readonly #registry: SandboxRegistry;
  readonly #snapshots: SnapshotRegistry;
  readonly #ssh: SshServer;
  readonly #api: ApiServer;
  readonly #presence: Presence;
  readonly #activity: ActivityMonitor;

  private constructor(parts: {
    log: LogFile;
    registry: SandboxRegistry;
    snapshots: SnapshotRegistry;
    ssh: SshServer;
    api: ApiServer;
    presence: Presence;
    activity: ActivityMonitor;
  }) {
    this.#log = parts.log;
    this.#registry = parts.registry;
    this.#snapshots = parts.snapshots;
    this.#ssh = parts.ssh;
    this.#api = parts.api;
    this.#presence = parts.presence;
    this.#activity = parts.activity;
  }

  /** Recovers the sandboxes of the folder, listens, and announces itself in `engine.json`. */
  static async start(folder: DataFolder, options: EngineOptions, log: LogFile): Promise<Engine> {
    const startedAt = new Date().toISOString();
    const activity = new ActivityMonitor();
    killOrphans(folder.root);
    for (const path of [folder.token, folder.info]) removeHalfWritten(path);
    const token = await loadOrCreateToken(folder.token);
    const trash = new Trash(folder.trash);
    const store = new SandboxStore(folder, trash);
    const registry = new SandboxRegistry(store, log);
    const snapshots = new SnapshotRegistry(new SnapshotStore(folder, trash), log);
    await registry.recover();
    snapshots.recover();
    const accesses = new Accesses(store, registry);
    const ssh = new SshServer({ folder, accesses, registry, log });
    const createListener: CreateListener = (gate) => api.createListener(gate);
    const api = new ApiServer({
      log,
      activity,
      routes: [
        ...engineRoutes(folder.root, startedAt, new LoopbackOnDemand(createListener)),
        ...sandboxRoutes(registry),
        ...snapshotRoutes(registry, snapshots),
        ...executeRoutes(registry),
        ...filesystemRoutes(registry),
        ...gitRoutes(registry),
        ...terminalRoutes(registry),
        ...sshRoutes(registry, accesses, ssh),
        ...notOffered,
      ],
      upgrades: terminalUpgrades(registry),
    });
    if (accesses.hasAny) {
      await ssh.listen().catch((error: unknown) => log.error('SSH cannot listen', error));
    }
    const tcp = options.listen && (await listenOnPort(createListener, options.listen, token));
    const presence = await Presence.announce({
      folder,
      log,
      createListener: () => createListener(new Gate(token)),
      about: {
        version: engineVersion,
        protocol: engineProtocol,
        pid: process.pid,
        ...(tcp === undefined ? {} : { url: `http://${tcp}` }),
        tokenFile: folder.token,
        startedAt,
      },
    });
    log.info(`engine ${engineVersion} started with process id ${process.pid}`);
    void emptyTrash(trash, log);
    return new Engine({ log, registry, snapshots, ssh, api, presence, activity });
  }

  get info(): EngineInfo {
    return this.#presence.info;
  }

  /** Resolves once nobody has needed the engine for so long. @param seconds 0 means never */
  async untilIdle(seconds: number): Promise<void> {
    if (seconds === 0) return new Promise(() => undefined);
    const limit = seconds * 1000;
    while (this.#registry.hasLive() || this.#activity.idleMs() < limit) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(limit, maxIdleCheckMs)));
    }
    this.#log.info('nobody has needed the engine for a while');
  }

  /** Ends every jail and leaves only the disks behind. It listens to the last, so that no other engine starts early. */
  async shutDown(): Promise<void> {
    this.#api.leave();
    this.#snapshots.shutDown();
    await this.#ssh.close();
    await this.#registry.shutDown();
    this.#presence.withdraw();
    this.#log.info('engine has ended');
  }
}

/** Frees the space of what an earlier engine had discarded. */
async function emptyTrash(trash: Trash, log: LogFile): Promise<void> {
  for (const name of trash.names()) {
    try {
      await trash.wipe(name, findTools);
    } catch (error) {
      log.error(`wiping ${name} failed`, error);
    }
  }
}

/** The host and port that it listens on. @throws UsageError when the port cannot be had */
async function listenOnPort(
  createListener: CreateListener,
  address: ListenAddress,
  token: string,
): Promise<string> {
  try {
    return await listenOnLoopback(createListener, address, token);
  } catch (cause) {
    const { host, port } = address;
    throw new UsageError(`Port ${port} of ${host} cannot be had; choose another, or 0 for any.`, { cause });
  }
}
