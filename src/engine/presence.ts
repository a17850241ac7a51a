/** How clients find the engine: its socket, and `engine.json`, which names it. */
import { once } from 'node:events';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { DataFolder } from './dataFolder.ts';
import { readEngineInfo, writeEngineInfo, type EngineInfo } from './engineInfo.ts';
import type { LogFile } from './logFile.ts';
import { chooseSocketPath, removeSocket } from './socketPath.ts';

const checkMs = 2000;

/** Takes back what `engine.json` promised. */
export function withdraw(folder: DataFolder, socketPath: string): void {
  rmSync(folder.info, { force: true });
  removeSocket(socketPath);
}

export interface PresenceParts {
  folder: DataFolder;
  log: LogFile;
  createListener: () => Server;
  about: Omit<EngineInfo, 'socketPath'>;
}

/**
 * An engine that can be found. What has been taken away it puts back, since cleaners of temporary folders do that
 * after some days, and the sandboxes run on.
 */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #checking: NodeJS.Timeout;
  #server: Server;
  #socketPath: string;

  private constructor(parts: PresenceParts, { server, path }: { server: Server; path: string }) {
    this.#parts = parts;
    this.#server = server;
    this.#socketPath = path;
    this.#checking = setInterval(() => void this.#check(), checkMs).unref();
  }

  static async announce(parts: PresenceParts): Promise<Presence> {
    const presence = new Presence(parts, await listen(parts));
    await writeEngineInfo(parts.folder.info, presence.info);
    return presence;
  }

  get info(): EngineInfo {
    return { ...this.#parts.about, socketPath: this.#socketPath };
  }

  withdraw(): void {
    clearInterval(this.#checking);
    const { folder } = this.#parts;
    if (!this.#isOthers(readEngineInfo(folder.info))) withdraw(folder, this.#socketPath);
  }

  async #check(): Promise<void> {
    const { folder, log } = this.#parts;
    const found = readEngineInfo(folder.info);
    if (!existsSync(folder.root) || this.#isOthers(found)) return;
    try {
      if (!existsSync(this.#socketPath)) {
        this.#server.close();
        const { server, path } = await listen(this.#parts);
        this.#server = server;
        this.#socketPath = path;
      }
      if (found?.socketPath !== this.#socketPath) {
        await writeEngineInfo(folder.info, this.info);
        log.warn('the socket or engine.json was gone, and has been put back');
      }
    } catch (error) {
      log.error('the socket or engine.json is gone, and cannot be put back', error);
    }
  }

  /** Whether the whole folder was taken away, and another engine has one in its place. */
  #isOthers(found: EngineInfo | undefined): boolean {
    return found !== undefined && found.startedAt !== this.#parts.about.startedAt;
  }
}

async function listen({ folder, createListener }: PresenceParts): Promise<{ server: Server; path: string }> {
  const path = chooseSocketPath(folder.socket);
  const server = createListener();
  server.listen(path);
  await once(server, 'listening');
  chmodSync(path, 0o600);
  return { server, path };
}
