import { parseArgs } from 'node:util';

export interface ListenAddress {
  host: string;
  /** 0 lets the system choose a free port. */
  port: number;
}

export interface EngineOptions {
  dataDir: string;
  /** A TCP address besides the Unix socket. */
  listen: ListenAddress | undefined;
  /** Seconds without a live sandbox and without a client; 0 means never. */
  idleExitSeconds: number;
  /** Whether to print the variables of Leap0's SDKs instead of the line for a launcher; only with `listen`. */
  printEnvironment: boolean;
}

/** The command line was wrong; the message is meant for the person who typed it. */
export class UsageError extends Error {}

const usage =
  'Usage: engine --data DIR [--listen 127.0.0.1:PORT] [--idle-exit SECONDS] [--print-environment]\n' +
  '  --data DIR           folder of the engine: an empty or new one, or one that it made before\n' +
  '  --listen ADDRESS     also listen on a loopback TCP port; 0 chooses a free one\n' +
  '  --idle-exit SECONDS  end after this long without sandboxes and clients (default 600; 0: never)\n' +
  "  --print-environment  print what Leap0's SDKs need to find the engine by --listen, as exports for a shell";

const defaultIdleExitSeconds = 600;
const maxPort = 65_535;

/** @throws UsageError when an option is missing, unknown or out of range. */
export function parseOptions(argv: string[]): EngineOptions {
  const values = readArguments(argv);
  if (!values.data) throw new UsageError(`--data is missing.\n${usage}`);
  const printEnvironment = values['print-environment'] ?? false;
  if (printEnvironment && values.listen === undefined) {
    throw new UsageError(`--print-environment needs --listen.\n${usage}`);
  }
  return {
    dataDir: values.data,
    listen: values.listen === undefined ? undefined : parseListen(values.listen),
    idleExitSeconds: parseSeconds(values['idle-exit']),
    printEnvironment,
  };
}

function readArguments(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        data: { type: 'string' },
        listen: { type: 'string' },
        'idle-exit': { type: 'string' },
        'print-environment': { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function parseListen(text: string): ListenAddress {
  const match = /^(127\.0\.0\.1|\[::1\]):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match?.[1] || port > maxPort) {
    throw new UsageError(
      `--listen must be 127.0.0.1:PORT or [::1]:PORT, since the engine serves only this machine; got ${text}.`,
    );
  }
  return { host: match[1].replace(/[[\]]/g, ''), port };
}

function parseSeconds(text: string | undefined): number {
  if (text === undefined) return defaultIdleExitSeconds;
  if (!/^\d{1,9}$/.test(text))
    throw new UsageError(`--idle-exit must be a whole number of seconds; got ${text}.`);
  return Number(text);
}
