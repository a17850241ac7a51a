import { HttpError } from '../http/httpError.ts';
import { sandboxPath } from '../jail/bootScript.ts';
import type { Jail } from '../jail/jail.ts';
import { run } from '../jail/run.ts';
import { FileError } from './fileError.ts';

/**
 * Carries out a shell script inside a sandbox, and answers what it printed. What it works on comes as positional
 * parameters and on its standard input, and never becomes part of the script.
 * @throws FileError what the script refused with, or that there is too much to answer
 * @throws HttpError 503 when the sandbox does not carry it out in time
 */
export type Helper = (script: string, parameters: string[], options?: HelperOptions) => Promise<Buffer>;

interface HelperOptions {
  input?: Buffer;
  /** Bytes of what it may print; 4 MiB unless said, some 40,000 entries of a listing. */
  maxBytes?: number;
  /** What to do about it when it prints more. */
  advice?: string;
}

const timeoutMs = 60_000;
const drainMs = 5000;
const defaultMaxBytes = 4 * 1024 * 1024;
/** The exit code of `refuse`. */
const refusedCode = 99;

/**
 * `refuse FIELD REASON` ends the call with the reason. `blame FIELD MESSAGE` takes it from a program's message, whose
 * last words are the kernel's. `present` and `found` blame what is not there, the first without following a link.
 * A script that is hung up on sees its programs fail, and undoes what it has begun.
 */
const prelude = `
trap : HUP
refuse() { printf '%s\\n%s' "$1" "$2" >&2; exit ${refusedCode}; }
blame() { refuse "$1" "\${2##*: }"; }
exists() { [ -e "$1" ] || [ -L "$1" ]; }
present() { m=$(stat -c '' -- "$2" 2>&1) || blame "$1" "$m"; }
found() { m=$(stat -L -c '' -- "$2" 2>&1) || blame "$1" "$m"; }
is_folder() { [ -d "$1" ] && [ ! -L "$1" ]; }
`;

/** The variables of a sandbox play no part: what a person sets there must not change what a call does. */
const environment = { PATH: sandboxPath, LC_ALL: 'C.UTF-8' };

export function helperIn(jail: Jail, signal: AbortSignal): Helper {
  return async (script, parameters, options = {}) => {
    const { code, timedOut, complete, stdout, stderr } = await run(jail, {
      command: ['/bin/sh', '-c', prelude + script, 'sh', ...parameters],
      env: environment,
      ...(options.input && { input: options.input }),
      maxBytes: options.maxBytes ?? defaultMaxBytes,
      excess: 'killed',
      timeoutMs,
      drainMs,
      signal,
    });
    if (stdout.overflowed) throw new FileError('path', options.advice ?? 'holds too much for one answer');
    if (timedOut || !complete) {
      throw new HttpError(503, `The sandbox did not carry this out within ${timeoutMs / 1000} s.`);
    }
    const words = stderr.bytes().toString('utf8');
    if (code === refusedCode) throw refusal(words);
    if (code !== 0) throw new HttpError(503, `The sandbox could not carry this out: ${lastLine(words)}.`);
    return stdout.bytes();
  };
}

function refusal(words: string): FileError {
  const [field = '', reason = ''] = words.split('\n');
  return new FileError(field, reason.charAt(0).toLowerCase() + reason.slice(1));
}

/** A switch as a positional parameter. */
export const flag = (value: boolean) => (value ? 'yes' : '');

const lastLine = (text: string) => text.trim().split('\n').at(-1) || 'it ended without a message';
