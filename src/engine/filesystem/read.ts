import { limits } from '../../providers/leap0/wire/limits.ts';
import type { ReadFileRequest } from '../../providers/leap0/wire/requests.ts';
import type { Helper } from './helper.ts';

const openFile = `
found path "$1"
[ ! -d "$1" ] || refuse path 'is a directory'
[ -f "$1" ] || refuse path 'is not a regular file'
[ -r "$1" ] || refuse path 'permission denied'
`;

/**
 * The bytes of a file, or of the part asked for: first `offset` and `limit` choose bytes, then `head` or `tail` lines
 * of these.
 * @throws FileError, also when it is more than one answer may hold
 */
export async function readFile(helper: Helper, request: ReadFileRequest): Promise<Buffer> {
  const { path, offset, limit, head, tail } = request;
  const stages: [stage: string, count: number | null | undefined][] = [
    [`tail -c "+$2"`, offset ? offset + 1 : undefined],
    [`head -c "$3"`, limit],
    [`head -n "$4"`, head],
    [`tail -n "$5"`, tail],
  ];
  const chosen = stages.filter(([, count]) => typeof count === 'number').map(([stage]) => stage);
  // The first reads the file itself, so that it need not read what it skips.
  const [first = 'cat', ...rest] = chosen;
  const script = `${openFile}${[`${first} < "$1"`, ...rest].join(' | ')}`;
  return helper(script, [path, ...stages.map(([, count]) => String(count ?? ''))], {
    maxBytes: limits.bodyBytes,
    advice: `is larger than ${limits.bodyBytes / 1024 / 1024} MiB; read it in parts, with offset and limit`,
  });
}
