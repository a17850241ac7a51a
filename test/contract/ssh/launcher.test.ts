import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { install } from '../../../src/ssh/installation.ts';
import { findProgram } from '../../tools/findProgram.mts';
import { root } from '../../tools/paths.mts';
import { FaultyServer } from './faultyServer.ts';
import { SshHost } from './sshHost.ts';

let server: FaultyServer;
beforeAll(async () => {
  server = await FaultyServer.start();
});
afterAll(() => server.stop());

/** Names that a careless shell, or OpenSSH's own reader, would take apart. */
const names = [
  'plain',
  'with blanks  and\u00a0more',
  "it's",
  'ünïcödé 日本 🦊',
  '100% %h %n',
  'a;b&c|d>e<f(g)',
  'a*b?[c]',
  '~tilde #hash =equals',
  '-dash',
  'double"quote',
  'dollar$HOME',
  'back`id`tick',
  'bang!bang',
  String.raw`back\slash`,
  `all of it: '"$!\`\\x%h ü`,
];

describe('the launcher', () => {
  it.each(names)('starts from a folder called %s', async (name) => {
    const host = await SshHost.make({ access: server.access }, name);
    try {
      expect(await host.ssh('echo fine')).toMatchObject({
        code: 0,
        stdout: Buffer.from('fine\n'),
        stderr: '',
      });
    } finally {
      host.dispose();
    }
  });

  it.each(['bash', 'fish', 'tcsh'])('starts from %s, whatever the folder is called', async (shell) => {
    for (const name of names) {
      const host = await SshHost.make({ access: server.access }, name);
      const env = { SHELL: findProgram(shell) ?? shell };
      try {
        expect([name, await host.ssh('echo fine', '', { env })]).toMatchObject([
          name,
          { code: 0, stderr: '' },
        ]);
      } finally {
        host.dispose();
      }
    }
  });

  it('refuses a folder that cannot be told to every shell, instead of breaking the config', async () => {
    await expect(SshHost.make({ access: server.access }, 'line\nbreak')).rejects.toMatchObject({
      kind: 'invalid',
    });
  });
});

describe('with what editors left, the launcher', () => {
  let host: SshHost;
  /** Where programs are put that stand for editors, and for Node. */
  let folder: string;

  beforeEach(async () => {
    host = await SshHost.make({ access: server.access });
    folder = join(host.root, "editor's");
    mkdirSync(folder);
  });
  afterEach(() => host.dispose());

  const lend = (runtime: string) => install(host.folder, join(root, 'dist/ssh-proxy.js'), { runtime });
  const forgetOthers = () => rmSync(host.folder.installations, { recursive: true });

  const program = (name: string, script: string) => file(name, `#!/bin/sh\n${script}\n`, 0o755);

  function file(name: string, content: string, mode: number): string {
    const path = join(folder, name);
    writeFileSync(path, content, { mode });
    return path;
  }

  it('takes the next runtime where one has gone', async () => {
    const runtime = program('editor', 'exit 1');
    await lend(runtime);
    rmSync(runtime);
    expect(await host.ssh('true')).toMatchObject({ code: 0, stderr: '' });
  });

  describe('takes the next runtime where the first one', () => {
    /** What a first line of the list may have come to be: how it is made, and answers its path. */
    const faults: [fault: string, make: () => string][] = [
      ['ends without a word', () => program('editor', 'exit 0')],
      ['says what is no version of Node', () => program('editor', 'echo 1.105.1')],
      ['is too old a Node', () => program('editor', 'echo v20.19.5')],
      ['reads its input to the end', () => program('editor', 'cat')],
      ['hangs', () => program('editor', 'sleep 60; exit 0')],
      ['was made for another machine', () => file('editor', '\u007fELF\u0002\u0001', 0o755)],
      ['may not be run', () => file('editor', '#!/bin/sh\necho v24.0.0\n', 0o644)],
      ['is a folder', () => folder],
    ];

    it.each(faults)('%s', async (_, make) => {
      await lend(make());
      expect(await host.ssh('cat', 'what was typed')).toMatchObject({
        code: 0,
        stdout: Buffer.from('what was typed'),
        stderr: '',
      });
    });
  });

  it('does the same in every sh, and leaves no process behind', async () => {
    for (const script of ['exec sleep 60', 'exit 0']) await lend(program(script, script));
    const shells = ['dash', 'bash', 'bash --posix', 'busybox sh'];
    const answers = shells.map((shell) => {
      const proxy = `ProxyCommand=${shell} "${host.launcher}" %h`;
      return host.ssh('cat', shell, { options: ['-o', proxy] });
    });
    expect(await Promise.all(answers)).toMatchObject(
      shells.map((shell) => ({ code: 0, stdout: Buffer.from(shell), stderr: '' })),
    );
    await expect.poll(() => host.processes(), { timeout: 5_000 }).toEqual([]);
  });

  it('forgets what is gone for a month, and nothing else', async () => {
    const runtimes = () =>
      readFileSync(join(host.folder.bin, 'runtimes'), 'utf8').split('\n').filter(Boolean);
    const [there, gone, goneLately] = [
      program('there', 'exit 1'),
      join(folder, 'gone'),
      join(folder, 'gone lately'),
    ];
    forgetOthers();
    for (const runtime of [there, gone]) await lend(runtime);
    const longAgo = Date.now() / 1000 - 31 * 86_400;
    for (const name of readdirSync(host.folder.installations))
      utimesSync(join(host.folder.installations, name), longAgo, longAgo);
    await lend(goneLately);
    await lend(process.execPath);
    expect(runtimes().toSorted()).toEqual([process.execPath, goneLately, there].toSorted());
    expect(readdirSync(host.folder.installations)).toHaveLength(3);
  });

  it('runs an editor as Node, and without what a debugger would have it load', async () => {
    forgetOthers();
    const check = '[ "$ELECTRON_RUN_AS_NODE" = 1 ] && [ -z "$NODE_OPTIONS" ] && [ "$(ulimit -c)" = 0 ]';
    await lend(program('editor', `${check} && exec '${process.execPath}' "$@"`));
    const env = { NODE_OPTIONS: '--require /nowhere.js' };
    expect(await host.ssh('true', '', { env })).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes the `node` of the PATH as the last resort', async () => {
    forgetOthers();
    await lend(join(folder, 'gone'));
    symlinkSync(process.execPath, join(folder, 'node'));
    const env = { PATH: `${folder}:/usr/bin:/bin` };
    expect(await host.ssh('true', '', { env })).toMatchObject({ code: 0, stderr: '' });
  });

  it('says what to do where none works', async () => {
    forgetOthers();
    await lend(join(folder, 'gone'));
    await lend(program('editor', 'exit 0'));
    program('node', 'echo v16.20.2');
    const { code, stderr } = await host.ssh('true', '', { env: { PATH: `${folder}:/usr/bin:/bin` } });
    expect(code).toBe(255);
    expect(stderr).toMatch(/^Sandbox Explorer: .* Open an editor .*, or install Node\.js 22 or newer, /);
  });
});
