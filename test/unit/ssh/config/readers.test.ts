import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'ssh-config';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SshHosts } from '../../../../src/ssh/config/hosts.ts';
import { includeLine } from '../../../../src/ssh/config/include.ts';
import { sshFolderAt } from '../../../../src/ssh/folder.ts';

/** What Remote-SSH's relatives read configs with. */
const read = (path: string) => parse(readFileSync(path, 'utf8'));

const home = mkdtempSync(join(tmpdir(), "ssh readers, 'quoted' & ünï "));
const folder = sshFolderAt(join(home, 'sandbox-explorer'));
const config = join(home, 'config');
let names: string[];

beforeAll(async () => {
  const hosts = new SshHosts(folder, { id: 'code', name: 'Code', extensions: home }, config);
  const sandboxes = ['web-1', 'db', '$& "x"'];
  const put = await hosts.put(
    sandboxes.map((sandbox) => ({ key: sandbox, accountId: 'a', account: 'Local', sandbox, kind: 'proxy' })),
    async () => join(folder.bin, '1/ssh-proxy'),
  );
  names = [...put.names.values()];
  writeFileSync(
    config,
    `${includeLine(join(folder.root, 'config'))}\nHost *\n  User corp\n  ForwardAgent yes\n`,
  );
});

afterAll(() => rmSync(home, { recursive: true }));

it('another program finds the same hosts with the same options as ssh does', () => {
  const fragment = read(join(folder.root, 'config.d/code'));
  const hosts = fragment.flatMap((line) => ('param' in line && line.param === 'Host' ? [line.value] : []));
  expect(hosts).toEqual(names);
  for (const name of names) {
    const theirs = Object.entries(fragment.compute(name)).map(([option, value]) => [
      option.toLowerCase(),
      String(value),
    ]);
    const { host, remotecommand, ...others } = Object.fromEntries(theirs);
    expect({ host, remotecommand }).toEqual({ host: name, remotecommand: 'none' });
    expect(Object.keys(others).length).toBeGreaterThan(10);
    expect(options(name)).toMatchObject(others);
  }
});

it('another program finds our file by the line', () => {
  const [line] = read(config);
  expect(line).toMatchObject({ param: 'Include', value: join(folder.root, 'config') });
  const [usual] = parse('Include "~/.ssh/sandbox-explorer/config"');
  expect(usual).toMatchObject({ param: 'Include', value: '~/.ssh/sandbox-explorer/config' });
});

/** What `ssh -G` says, in the words of a config. */
function options(name: string): Record<string, string> {
  const output = execFileSync('ssh', ['-G', '-F', config, name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = output.trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [, option = '', value = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
      return [option, { true: 'yes', false: 'no' }[value] ?? value];
    }),
  );
}
