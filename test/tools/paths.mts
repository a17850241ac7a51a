import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** What the tools keep between runs; git-ignored. */
export const cache = join(root, '.vscode-test');
