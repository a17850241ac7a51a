/** ssh-proxy: the ProxyCommand of our hosts. It speaks SSH to the local `ssh` and, with a password, to a gateway. */
import '../../common/needNode.mts';
import { flushCompileCache } from 'node:module';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { sleep } from '../../common/time.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import { sshFolderAt, type SshFolder } from '../folder.ts';
import { readHost } from '../hostRecord.ts';
import { trustKey } from '../knownHosts.ts';
import { finished } from './finishing.ts';
import { reachSandbox } from './reachSandbox.ts';
import { ownHostKey } from './hostKey.ts';
import { LocalEnd } from './localEnd.ts';
import { relay } from './relay.ts';
import { explainEnd } from './server.ts';
import { tell } from './tell.ts';
import { onceWindowEnds } from './window.ts';

/** What `ssh` itself ends with when a connection fails. */
const failed = 255;
/** Milliseconds. */
const graceMs = 250;

async function main(folder: SshFolder, host: string): Promise<void> {
  readHost(folder, host);
  const key = await ownHostKey(folder.hostKey);
  await trustKey(folder.knownHosts, host, key.blob);
  const local = new LocalEnd(pipe(0), pipe(1), key);
  void local.transport.ended.then(leave);
  onceWindowEnds(leave);
  const { transport: server, name } = await reachSandbox(folder, host);
  await local.admit();
  relay(local.transport, server);
  // `ssh` ends us with a signal, and then it would be lost.
  flushCompileCache?.();
  const end = await server.ended;
  await local.transport.flushed();
  // A client that has got all it waited for leaves by itself; any other one wants to know.
  await sleep(graceMs);
  throw explainEnd(name, end);
}

/** For when nobody is left to tell anything to. */
const leave = () => void finished().then(() => process.exit());

/** Unlike `process.stdin` and `stdout`, it neither reads nor writes while the other direction waits. */
function pipe(fd: number): Socket {
  try {
    return new Socket({ fd, readable: fd === 0, writable: fd === 1 });
  } catch {
    throw new ProviderError(
      'invalid',
      'This program is for the ProxyCommand of an SSH config: it needs two pipes.',
    );
  }
}

const [, program = '', host = ''] = process.argv;
/** The program lies in `bin/VERSION/`. */
const root = dirname(dirname(dirname(program)));

function complain(thrown: unknown): void {
  tell(host, explain(ProviderError.from(thrown)));
  process.exit(failed);
}

process.on('uncaughtException', complain);
main(sshFolderAt(root), host).catch(complain);
