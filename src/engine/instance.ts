/** One engine per data folder. */
import { existsSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import type { DataFolder } from './dataFolder.ts';
import { readEngineInfo, type EngineInfo } from './engineInfo.ts';
import { removeSocket } from './socketPath.ts';
import { readToken } from './token.ts';

/** Another engine has the folder, and it cannot be spoken to. */
export class EngineBusyError extends Error {}

const probeTimeoutMs = 5000;
const leavingTimeoutMs = 30_000;
const leavingPollMs = 100;
/** A start that crashed keeps the others waiting for this long. */
const lockStaleMs = 3000;

export type Claim = { kind: 'started' } | { kind: 'running'; info: EngineInfo };

/**
 * Runs `start` when no engine serves this folder, and says which one does otherwise. Starts of several windows wait
 * for each other.
 * @throws EngineBusyError
 */
export async function claimFolder(folder: DataFolder, start: () => Promise<void>): Promise<Claim> {
  const release = await lock(folder);
  try {
    const running = await findRunning(folder);
    if (running) return { kind: 'running', info: running };
    await start();
    return { kind: 'started' };
  } finally {
    await release();
  }
}

async function lock(folder: DataFolder): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(folder.root, {
      lockfilePath: folder.lock,
      realpath: false,
      stale: lockStaleMs,
      retries: { retries: 120, factor: 1, minTimeout: 250 },
    });
  } catch (error) {
    throw new EngineBusyError(
      `Another engine has been starting in ${folder.root} for half a minute. End it and try again.`,
      { cause: error },
    );
  }
}

/** Takes back what `engine.json` promised. */
export function withdrawInfo(folder: DataFolder, socketPath: string): void {
  rmSync(folder.info, { force: true });
  removeSocket(socketPath);
}

async function findRunning(folder: DataFolder): Promise<EngineInfo | undefined> {
  const deadline = Date.now() + leavingTimeoutMs;
  for (;;) {
    const info = readEngineInfo(folder.info);
    const socketPath = info?.socketPath ?? folder.socket;
    if (!info && !existsSync(socketPath)) return undefined;
    const answer = await probe(socketPath, readToken(folder.token) ?? '');
    if (answer === 'alive' && info) return info;
    if (answer === 'gone') {
      withdrawInfo(folder, socketPath);
      return undefined;
    }
    if (answer !== 'leaving' || Date.now() > deadline) {
      const which = info ? `with process ID ${info.pid} ` : '';
      throw new EngineBusyError(
        `An engine ${which}holds ${folder.root} but cannot be spoken to. End it and try again.`,
      );
    }
    await delay(leavingPollMs);
  }
}

/**
 * Asks the engine itself. The folder of the socket is closed to others, and the kernel refuses a connection when
 * nobody listens: so a connection that opens is proof of a living engine, even of one that hangs.
 */
function probe(socketPath: string, token: string): Promise<'alive' | 'leaving' | 'gone' | 'silent'> {
  return new Promise((resolve) => {
    const call = request(
      {
        socketPath,
        path: '/v1/engine',
        headers: { authorization: `Bearer ${token}` },
        timeout: probeTimeoutMs,
        agent: false,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 503 ? 'leaving' : 'alive');
      },
    );
    call.on('timeout', () => {
      resolve('silent');
      call.destroy();
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      // A reset means that it closed while being asked: it is on its way out.
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'gone' : 'leaving');
    });
    call.end();
  });
}
