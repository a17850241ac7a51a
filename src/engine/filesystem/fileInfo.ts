import { basename } from 'node:path/posix';
import { below, find, inOrder, rowFormat, rows, type Search } from './find.ts';
import type { Helper } from './helper.ts';

/** Schema `FileInfo` of leap0-openapi.yaml. Links are described themselves, not what they lead to. */
export interface FileInfo {
  name: string;
  path: string;
  is_dir: boolean;
  size: number;
  mode: string;
  mtime: number;
  owner: string;
  group: string;
  is_symlink: boolean;
  link_target?: string;
}

const directives = ['%y', '%s', '%m', '%T@', '%u', '%g', '%l'];

const statScript = `
present path "$1"
find "$1" -maxdepth 0 -printf "$2"
`;

/** @throws FileError */
export async function stat(helper: Helper, path: string): Promise<FileInfo> {
  const output = await helper(statScript, [path, rowFormat(directives)]);
  const [facts = []] = rows(output, directives.length);
  return fileInfo(path, facts);
}

/** @throws FileError */
export async function list(helper: Helper, search: Search): Promise<FileInfo[]> {
  const found = await find(helper, search, [...directives, '%P']);
  return found
    .map((facts) => fileInfo(below(search.path, facts.at(-1) ?? ''), facts))
    .toSorted((one, other) => inOrder(one.path, other.path));
}

function fileInfo(path: string, facts: string[]): FileInfo {
  const [type, size, mode = '', mtime, owner = '', group = '', target = ''] = facts;
  return {
    name: basename(path) || '/',
    path,
    is_dir: type === 'd',
    size: Number(size),
    mode: mode.padStart(3, '0'),
    mtime: Math.floor(Number(mtime)),
    owner,
    group,
    is_symlink: type === 'l',
    ...(type === 'l' ? { link_target: target } : {}),
  };
}
