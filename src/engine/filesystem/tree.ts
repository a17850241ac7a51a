import { find, inOrder, type Search } from './find.ts';
import type { Helper } from './helper.ts';

/** Schema `TreeEntry` of leap0-openapi.yaml. A folder that is too deep to look into has no children. */
export interface TreeEntry {
  name: string;
  type: 'file' | 'directory';
  children?: TreeEntry[];
}

/**
 * The entries below a folder, each with its own. A link is a file.
 * @throws FileError
 */
export async function tree(helper: Helper, search: Search): Promise<TreeEntry[]> {
  const found = await find(helper, search, ['%y', '%P']);
  return arrange(found.map(([type = '', path = '']) => ({ path, isFolder: type === 'd' })));
}

/** @param entries with their paths from the top; a folder need not come before what is in it */
export function arrange(entries: { path: string; isFolder: boolean }[]): TreeEntry[] {
  const top: TreeEntry[] = [];
  const children = new Map([['', top]]);
  // What is in a folder sorts after the folder itself.
  for (const { path, isFolder } of entries.toSorted((one, other) => inOrder(one.path, other.path))) {
    const slash = path.lastIndexOf('/');
    const entry: TreeEntry = { name: path.slice(slash + 1), type: isFolder ? 'directory' : 'file' };
    if (isFolder) {
      entry.children = [];
      children.set(path, entry.children);
    }
    children.get(path.slice(0, Math.max(0, slash)))?.push(entry);
  }
  return top;
}
