/** The local engine: a sandbox service for this machine that speaks Leap0's protocol. */
import '../common/needNode.mts';
import { platform } from 'node:os';
import { shellExports } from '../common/engineEnvironment.ts';
import { dataFolderAt, DataFolderError, prepareDataFolder, prepareSubfolders } from './dataFolder.ts';
import { Engine } from './engine.ts';
import { launchLine, type EngineInfo } from './engineInfo.ts';
import { HttpError } from './http/httpError.ts';
import { claimFolder, EngineBusyError } from './instance.ts';
import { LogFile } from './logFile.ts';
import { parseOptions, UsageError, type EngineOptions } from './options.ts';
import { becomeIdentity, engineIdentity } from './privileges.ts';
import { readToken } from './token.ts';

async function main(): Promise<void> {
  if (platform() !== 'linux') throw new UsageError('The local engine needs Linux, or WSL on Windows.');
  const options = parseOptions(process.argv.slice(2));
  const folder = dataFolderAt(options.dataDir);
  const identity = engineIdentity();
  prepareDataFolder(folder, identity);
  becomeIdentity(identity, folder.root);
  prepareSubfolders(folder);
  const log = new LogFile(folder.log);
  let engine: Engine | undefined;
  const claim = await claimFolder(folder, async () => {
    engine = await Engine.start(folder, options, log);
  });
  // A launcher may hang up as soon as it has read its line.
  process.stdout.on('error', () => undefined);
  const info = claim.kind === 'running' ? claim.info : engine?.info;
  const announce = () => info && process.stdout.write(announcement(info, options));
  if (engine) await serve(engine, options.idleExitSeconds, log, announce);
  else announce();
}

/** @throws UsageError when the environment is asked for and the engine that runs has no TCP port */
function announcement(info: EngineInfo, options: EngineOptions): string {
  if (!options.printEnvironment) return `${launchLine(info, options.listen !== undefined)}\n`;
  const { url, tokenFile, pid } = info;
  const key = readToken(tokenFile);
  if (url === undefined || key === undefined) {
    throw new UsageError(
      `The engine that has this folder, process ${pid}, was started without --listen. End it, and try again: its ` +
        'sandboxes are stopped then, and keep their disks.',
    );
  }
  return shellExports({ url, key });
}

async function serve(
  engine: Engine,
  idleExitSeconds: number,
  log: LogFile,
  announce: () => void,
): Promise<void> {
  process.on('uncaughtException', (error) => {
    log.error('the engine failed', error);
    // Jails end with their parent, and the next start finds their disks.
    process.exit(1);
  });
  const ended = new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => resolve());
  });
  announce();
  await Promise.race([ended, engine.untilIdle(idleExitSeconds)]);
  await engine.shutDown();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const expected = [UsageError, DataFolderError, EngineBusyError, HttpError].some(
      (kind) => error instanceof kind,
    );
    console.error(expected && error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
