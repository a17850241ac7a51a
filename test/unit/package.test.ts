import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageVsix } from '../tools/vsix.mts';

/** What a reader or the editor itself looks for, by its name in the package. */
const documents = ['package.json', 'readme.md', 'changelog.md', 'LICENSE.txt', 'dist/LICENSES.txt'];

/** node-pty makes these names out of the platform's. */
const natives = ['dist/prebuilds/linux-x64/pty.node', 'dist/prebuilds/linux-arm64/pty.node'];

/** Loaded before a program: passes for an older Node.js, and says which modules the program loads. */
const oldNode = `
  const version = '20.20.2';
  Object.defineProperty(process, 'version', { value: 'v' + version });
  Object.defineProperty(process, 'versions', { value: { ...process.versions, node: version } });
  const { prototype } = require('node:module');
  const load = prototype.require;
  prototype.require = function (id) { console.log(id); return load.call(this, id) };
`;

const folder = mkdtempSync(join(tmpdir(), 'sandbox-explorer-package-'));
const home = join(folder, 'unpacked');
const files = new Map<string, Uint8Array>();

beforeAll(async () => {
  const vsix = join(folder, 'test.vsix');
  await packageVsix(vsix);
  for (const [path, content] of Object.entries(unzipSync(readFileSync(vsix)))) {
    if (path.startsWith('extension/')) files.set(path.slice('extension/'.length), content);
  }
  for (const [path, content] of files) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), content);
  }
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

function text(path: string): string {
  return new TextDecoder().decode(files.get(path));
}

function programs(): string[] {
  return [...files.keys()].filter((path) => path.endsWith('.js'));
}

/** Every word of the manifest that is a path into the extension. */
function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    const words = value.split(' ').filter((word) => /^(\.\/)?(dist|media)\/\S+$/.test(word));
    return words.map((word) => word.replace('./', ''));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(pathsIn);
}

function manifestPaths(): string[] {
  return pathsIn(JSON.parse(text('package.json')));
}

test('the package has every file that its manifest names', () => {
  expect(manifestPaths()).toContain('dist/extension.js');
  for (const path of manifestPaths()) expect([...files.keys()]).toContain(path);
});

test('the package has no source map and no test', () => {
  expect([...files.keys()].filter((path) => /\.map$|\btests?\b|\.test\./.test(path))).toEqual([]);
  for (const path of programs()) expect(text(path)).not.toContain('sourceMappingURL=');
});

test('the package has no file that nothing loads', () => {
  const known = new Set([...documents, ...natives, ...manifestPaths()]);
  const code = programs().map(text).join('\n');
  const isNamed = (path: string) => code.includes(path.slice(path.lastIndexOf('/') + 1));
  expect([...files.keys()].filter((path) => !known.has(path) && !isNamed(path))).toEqual([]);
});

test('the network bundle loads with nothing but the package around it', () => {
  const print = `console.log(typeof require(${JSON.stringify(join(home, 'dist/net.js'))}))`;
  expect(execFileSync('node', ['-e', print], { cwd: folder, encoding: 'utf8' }).trim()).toBe('object');
});

test.each(['engine', 'ssh-proxy'])('%s says which Node.js it needs before it loads anything', (name) => {
  const disguise = join(folder, 'oldNode.cjs');
  writeFileSync(disguise, oldNode);
  const program = join(home, `dist/${name}.js`);
  const args = ['--require', disguise, program];
  expect(spawnSync(process.execPath, args, { encoding: 'utf8' })).toMatchObject({
    status: 1,
    stdout: '',
    stderr: `Sandbox Explorer: this program needs Node.js 22.1 or newer, and ${process.execPath} is v20.20.2.\n`,
  });
});
