/** One engine per data folder. */
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataFolder } from './dataFolder.ts';
import { readEngineInfo, type EngineInfo } from './engineInfo.ts';
import { lockForLife, readHolder } from './lifeLock.ts';
import { withdraw } from './presence.ts';
import { readToken } from './token.ts';

/** Another engine has the folder, and it cannot be spoken to. */
export class EngineBusyError extends Error {}

const probeTimeoutMs = 5000;
/** For one that starts, ends, or puts its socket back; less than a window waits for us. */
const patienceMs = 20_000;
const pollMs = 100;

export type Claim = { kind: 'started' } | { kind: 'running'; info: EngineInfo };

/**
 * Runs `start` when no engine has this folder, and says which one serves it otherwise. The folder is this process's
 * from then on, until it ends in whatever way. Starts of several windows wait for each other.
 * @throws EngineBusyError
 */
export async function claimFolder(folder: DataFolder, start: () => Promise<void>): Promise<Claim> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const info = readEngineInfo(folder.info);
    const socketPath = info?.socketPath ?? folder.socket;
    const answer = existsSync(socketPath) ? await probe(socketPath, readToken(folder.token) ?? '') : 'gone';
    if (answer === 'alive' && info) return { kind: 'running', info };
    // That nobody answers does not mean that nobody lives: a socket is a file, and files are cleared away.
    if (answer === 'gone' && (await lockForLife(folder.lock))) {
      withdraw(folder, readEngineInfo(folder.info)?.socketPath ?? folder.socket);
      await start();
      return { kind: 'started' };
    }
    if (answer === 'silent' || Date.now() > deadline) throw busy(folder, info);
    await delay(pollMs);
  }
}

function busy(folder: DataFolder, info: EngineInfo | undefined): EngineBusyError {
  const pid = readHolder(folder.lock) ?? info?.pid;
  const [which, how] = pid === undefined ? ['', ''] : [` with process ID ${pid}`, `, with "kill -9 ${pid}",`];
  return new EngineBusyError(
    `An engine${which} holds ${folder.root} but cannot be spoken to. End it${how} and try again: its sandboxes are ` +
      'stopped then, and keep their disks.',
  );
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
