/** A network for a jail: slirp4netns translates what the jail's own namespace sends into sockets of the host. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { sealed } from './descriptors.ts';
import type { Tools } from './tools.ts';

/** Where slirp4netns answers DNS. */
export const nameserver = '10.0.2.3';

const readyTimeoutMs = 10_000;

export interface Network {
  stop(): void;
}

/**
 * Gives the network namespace of process `pid` a way out, though not to the host's own loopback.
 * @param warn is told, in words for a person, why there is none
 */
export async function connectNetwork(
  { slirp4netns }: Tools,
  pid: number,
  warn: (warning: string) => void,
): Promise<Network | undefined> {
  if (!slirp4netns) {
    warn('No network: slirp4netns is not installed. Install it with "sudo apt install slirp4netns".');
    return undefined;
  }
  try {
    return await startNetwork(slirp4netns, pid);
  } catch (error) {
    warn(`No network: slirp4netns failed (${error instanceof Error ? error.message : String(error)}).`);
    return undefined;
  }
}

/** @throws Error with slirp4netns's own words when it cannot. */
function startNetwork(slirp4netns: string, pid: number): Promise<Network> {
  const isolation = ['--disable-host-loopback', '--enable-sandbox', '--enable-seccomp'];
  const child = spawn(
    slirp4netns,
    ['--configure', '--mtu=65520', ...isolation, '--exit-fd=3', '--ready-fd=4', String(pid), 'tap0'],
    // Its end of descriptor 3 hangs up when the engine ends, however it ends, and it ends as well.
    { stdio: sealed(['ignore', 'ignore', 'pipe', 'pipe', 'pipe']), env: {}, detached: true, cwd: '/' },
  );
  const network = { stop: () => child.kill('SIGKILL') };
  const stderr = text(child.stdio[2] as Readable).catch(() => '');
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      network.stop();
      reject(new Error('slirp4netns did not become ready'));
    }, readyTimeoutMs);
    child.on('error', reject);
    child.on('exit', () => {
      clearTimeout(timer);
      void stderr.then((words) => reject(new Error(explain(words))));
    });
    (child.stdio[4] as Readable).once('data', () => {
      clearTimeout(timer);
      resolve(network);
    });
  });
}

function explain(stderr: string): string {
  const reason =
    stderr.split('\n').find((line) => line !== '' && !line.startsWith('WARNING')) ?? 'no message';
  if (!reason.includes('/dev/net/tun')) return reason;
  return `${reason}; allow it with "sudo chmod 666 /dev/net/tun", which is what most systems have`;
}
