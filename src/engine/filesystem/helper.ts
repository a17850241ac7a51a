import { conflict, HttpError, invalidField, notFound } from '../http/httpError.ts';
import { sandboxPath } from '../jail/bootScript.ts';
import type { Jail } from '../jail/jail.ts';
import { run } from '../jail/run.ts';

/**
 * Carries out a shell script inside a sandbox, and answers what it printed. What it works on comes as positional
 * parameters and on its standard input, and never becomes part of the script.
 * @throws HttpError what the script refused with, 400 when there is too much to answer, 503 when the sandbox does not
 *   carry it out in time
 */
export type Helper = (script: string, parameters: string[], options?: HelperOptions) => Promise<Buffer>;

interface HelperOptions {
  input?: Buffer;
  /** Bytes of what it may print; 4 MiB unless said, some 40,000 entries of a listing. */
  maxBytes?: number;
  /** What to do about it when it prints more. */
  advice?: string;
  /** With what the document has this call refused besides 400. */
  answers?: readonly (404 | 409)[];
}

const timeoutMs = 60_000;
const drainMs = 5000;
const defaultMaxBytes = 4 * 1024 * 1024;
/** The exit code of `refuse`. */
const refusedCode = 99;
const missing = 'no such file or directory';
const taken = 'already exists';

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
    if (stdout.overflowed) throw invalidField('path', options.advice ?? 'holds too much for one answer');
    if (timedOut || !complete) {
      throw new HttpError(503, `The sandbox did not carry this out within ${timeoutMs / 1000} s.`);
    }
    const words = stderr.bytes().toString('utf8');
    if (code === refusedCode) throw refusal(words, options.answers ?? []);
    if (code !== 0) throw new HttpError(503, `The sandbox could not carry this out: ${lastLine(words)}.`);
    return stdout.bytes();
  };
}

function refusal(words: string, answers: readonly (404 | 409)[]): HttpError {
  const [field = '', reason = ''] = words.split('\n');
  const text = reason.charAt(0).toLowerCase() + reason.slice(1);
  // A place to put something is not what was asked for.
  if (text === missing && field !== 'dst_path' && answers.includes(404)) return notFound(`${field}: ${text}`);
  if (text === taken && answers.includes(409)) return conflict(`${field}: ${text}`);
  return invalidField(field, text);
}

/** A switch as a positional parameter. */
export const flag = (value: boolean) => (value ? 'yes' : '');

const lastLine = (text: string) => text.trim().split('\n').at(-1) || 'it ended without a message';
