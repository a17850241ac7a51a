import { readFileSync } from 'node:fs';

/** What the engine and ssh-proxy both know of the engine's SSH. The files lie in its data folder. */

/** Its own key: it is known by it before it has shown it. */
export const hostKeyFile = 'ssh_host_ed25519_key';
/** The port at which it listened last. */
export const portFile = 'ssh_port';

/** The port in such a file; nothing when there is none. */
export function readPort(path: string): number | undefined {
  try {
    const port = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

/** Leap0's `ssh_command`, as the engine has it. */
export const engineCommand = (user: string, host: string, port: number): string =>
  `ssh ${user}@${host} -p ${port}`;
