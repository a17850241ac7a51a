/** What find(1) tells about the entries of a folder in a sandbox. */
import { HttpError } from '../http/httpError.ts';
import { globExpression } from './globPattern.ts';
import type { Helper } from './helper.ts';

export interface Search {
  /** The folder. */
  path: string;
  /** Glob patterns of what is left out, folders with all that is in them. */
  exclude: string[];
  /** How deep to go; 1 is the folder's own entries. Everything by default. */
  maxDepth?: number | undefined;
  /** Further tests, as find takes them. */
  tests?: string[];
}

/** Enters the folder `$1`. What cannot be read further down is left out. */
export const enterFolder = `
found path "$1"
[ -d "$1" ] || refuse path 'is not a directory'
[ -r "$1" ] && [ -x "$1" ] || refuse path 'permission denied'
cd -- "$1" && shift
`;

const findScript = `${enterFolder}
find . "$@" 2>/dev/null
[ $? -le 1 ] || exit 1
`;

/**
 * The entries below a folder, in no particular order.
 * @param directives of find's `-printf`: each gives a field of a row; `%P` is the path from the folder on
 * @throws FileError
 */
export async function find(helper: Helper, search: Search, directives: string[]): Promise<string[][]> {
  const parameters = [search.path, ...findArguments(search), '-printf', rowFormat(directives)];
  const advice = 'holds too many entries for one answer; search a part of it, or exclude some';
  const output = await helper(findScript, parameters, { advice });
  return rows(output, directives.length);
}

export function findArguments({ exclude, maxDepth, tests = [] }: Search): string[] {
  const pruned = exclude.flatMap((pattern, index) => [
    index === 0 ? '(' : '-o',
    '-regex',
    globExpression(pattern, `exclude.${index}`),
  ]);
  return [
    ['-mindepth', '1'],
    maxDepth === undefined ? [] : ['-maxdepth', String(maxDepth)],
    ['-regextype', 'posix-extended'],
    pruned.length > 0 ? [...pruned, ')', '-prune', '-o'] : [],
    tests,
  ].flat();
}

export const matching = (pattern: string, field: string) => ['-regex', globExpression(pattern, field)];

export const rowFormat = (directives: string[]) => directives.map((each) => String.raw`${each}\0`).join('');

/** @throws HttpError 503 when a process of the sandbox has meddled */
export function rows(output: Buffer, width: number): string[][] {
  const fields = output.toString('utf8').split('\0');
  if (fields.pop() !== '' || fields.length % width !== 0) {
    throw new HttpError(503, 'The sandbox gave an answer that makes no sense.');
  }
  return Array.from({ length: fields.length / width }, (_, row) =>
    fields.slice(row * width, (row + 1) * width),
  );
}

/** The path of an entry of `folder`. */
export const below = (folder: string, name: string) => (folder === '/' ? `/${name}` : `${folder}/${name}`);

/** By code units, so that an order is the same everywhere. */
export const inOrder = (one: string, other: string) => (one < other ? -1 : Number(one > other));
