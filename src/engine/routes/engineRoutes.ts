import { engineProtocol, engineVersion } from '../engineInfo.ts';
import type { ApiHandler } from '../http/api.ts';
import { HttpError } from '../http/httpError.ts';
import type { LoopbackOnDemand } from '../http/loopback.ts';
import type { Route } from '../http/router.ts';
import { findTools, limitsProcessesPerJail, processesUnlimited } from '../jail/tools.ts';

/** What the engine says about itself, and where other programs reach it; not routes of Leap0. */
export function engineRoutes(
  dataDir: string,
  startedAt: string,
  loopback: LoopbackOnDemand,
): Route<ApiHandler>[] {
  return [
    {
      method: 'GET',
      pattern: '/v1/engine',
      handler: () => ({
        status: 200,
        body: {
          version: engineVersion,
          protocol: engineProtocol,
          pid: process.pid,
          dataDir,
          startedAt,
          warnings: warnings(),
        },
      }),
    },
    {
      method: 'POST',
      pattern: '/v1/engine/listener',
      handler: async () => ({ status: 200, body: await loopback.open() }),
    },
  ];
}

function warnings(): string[] {
  const found = [
    'vCPU, memory and disk sizes are advisory: this engine does not enforce them.',
    'Snapshots hold the disk of a sandbox, not its memory and processes.',
  ];
  if (!limitsProcessesPerJail()) found.push(processesUnlimited);
  try {
    const { slirp4netns, perl, sftpServer } = findTools();
    if (!slirp4netns) {
      found.push('slirp4netns is not installed, so sandboxes have no network: sudo apt install slirp4netns.');
    }
    if (!perl) found.push('perl is not installed, so SSH forwards nothing: sudo apt install perl.');
    if (!sftpServer) {
      found.push(
        "OpenSSH's SFTP server is not installed, so SSH transfers no files: sudo apt install openssh-sftp-server.",
      );
    }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    found.push(error.message);
  }
  return found;
}
