import type { TestContext } from 'vitest';
import { TestServers } from '../../unit/net/testServers.ts';
import { FaultyServer } from './faultyServer.ts';
import { SshHost } from './sshHost.ts';

/** A host that leads to a gateway whose faults a test chooses. */
export async function make({
  onTestFinished,
}: TestContext): Promise<{ server: FaultyServer; servers: TestServers; host: SshHost }> {
  const server = await FaultyServer.start();
  const servers = new TestServers();
  const host = await SshHost.make({ access: server.access });
  onTestFinished(() => {
    server.stop();
    servers.close();
    host.dispose();
  });
  return { server, servers, host };
}

/** The lines of ssh-proxy; the others are those of `ssh`. */
export const ours = (stderr: string) =>
  stderr.split('\n').filter((line) => line.startsWith('Sandbox Explorer'));
