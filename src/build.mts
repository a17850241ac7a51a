// Bundles the programs into dist/. Messages go to stderr: `npm run engine` keeps stdout for the engine.
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { context, type Metafile, type Plugin } from 'esbuild';
import { oldestNode } from './common/needNode.mts';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const watching = process.argv.includes('--watch');

/** Name in dist/ and entry of every program that comes out. */
const programs = {
  extension: 'src/extension.ts',
  net: 'src/providers/index.ts',
  keys: 'src/ssh/keys/keyPair.ts',
  engine: 'src/engine/main.ts',
  'ssh-proxy': 'src/ssh/proxy/main.ts',
  uninstall: 'src/ssh/config/uninstall.ts',
};

/** Those that another program loads. */
const parts = ['net', 'keys'] as const;

/**
 * Network code is loaded at the first call, not at activation, and what reads keys only where one is needed: importing
 * these dynamically becomes a `require` of their own bundle, and importing them in any other way is refused.
 */
const lazyParts: Plugin = {
  name: 'lazy-parts',
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
      const part = parts.find((name) => resolve(resolveDir, path) === join(root, programs[name]));
      if (!part || kind === 'entry-point') return undefined;
      if (kind === 'dynamic-import') return { path: `./${part}.js`, external: true };
      return { errors: [{ text: `${path} is a bundle of its own: reach it through \`await import(…)\`` }] };
    });
  },
};

/**
 * ssh2 tries to load two native helpers, and does without those that it cannot. Left in, it would look for them in
 * the `node_modules` of whatever folder a program lies in.
 */
const pureSsh2: Plugin = {
  name: 'pure-ssh2',
  setup(build) {
    build.onResolve({ filter: /^cpu-features$|\/sshcrypto\.node$/ }, ({ path }) => ({
      path,
      namespace: 'absent',
    }));
    build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'throw new Error("absent");' }));
  },
};

/** Puts a finished build into its place, with the libraries' licences and the engine's native files. */
const output: Plugin = {
  name: 'output',
  setup(build) {
    build.onEnd(async ({ metafile, outputFiles = [] }) => {
      if (!metafile) return;
      const bundles = outputFiles.map(({ path, contents }) => put(path, contents));
      const licenceTexts = put(join(dist, 'LICENSES.txt'), Buffer.from(await licences(metafile)));
      await Promise.all([...bundles, licenceTexts, copyPty()]);
    });
  },
};

/** Leaves alone what has not changed, and changes the rest in one step: another process may be running a program. */
async function put(path: string, contents: Uint8Array): Promise<void> {
  const earlier = await readFile(path).catch(() => undefined);
  if (earlier?.equals(contents)) return;
  const partial = `${path}.${process.pid}.partial`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(partial, contents);
  await rename(partial, path);
}

/** The folders of the packages that a bundle contains code of. */
function bundledPackages(metafile: Metafile): string[] {
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs: used }) => Object.keys(used));
  const folders = inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  return [...new Set(folders)].filter((folder) => folder !== undefined).toSorted();
}

async function licences(metafile: Metafile): Promise<string> {
  const sections = bundledPackages(metafile).map(async (folder) => {
    const file = (await readdir(join(root, folder))).find((name) => /^licen[cs]e/i.test(name));
    if (!file) throw new Error(`${folder} is bundled but has no licence file`);
    const { name, version } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    return `${name} ${version}\n\n${(await readFile(join(root, folder, file), 'utf8')).trim()}\n`;
  });
  return (await Promise.all(sections)).join(`\n${'-'.repeat(80)}\n\n`);
}

/** A bundled node-pty looks for its native file beside the bundle. */
async function copyPty(): Promise<void> {
  const files = ['linux-x64', 'linux-arm64'].map((platform) => `prebuilds/${platform}/pty.node`);
  await Promise.all(
    files.map(async (file) =>
      put(join(dist, file), await readFile(join(root, 'node_modules/node-pty', file))),
    ),
  );
}

const build = await context({
  absWorkingDir: root,
  entryPoints: programs,
  outdir: dist,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: `node${oldestNode}`,
  external: ['vscode'],
  // Left as it is, `import()` would load net.js as an ES module: asynchronously, and past VS Code's own `require`.
  supported: { 'dynamic-import': false },
  minify: true,
  sourcemap: watching,
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
  plugins: [lazyParts, pureSsh2, output],
});

if (watching) {
  await build.watch();
  console.error('Watching src/; Ctrl+C ends');
} else {
  // esbuild has already printed what is wrong with the sources; a stack trace would only hide it.
  await build.rebuild().catch(() => (process.exitCode = 1));
  await build.dispose();
}
