import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const module = resolve('src/common/wholeFile.ts');

const node = [process.execPath, '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'whole-file-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a module in a jail, and answers what it prints as JSON. */
const runIn = (jail: readonly string[], script: string): unknown => {
  const command = [...node, '--input-type=module-typescript', '-e', script, join(folder, 'file')];
  return JSON.parse(
    execFileSync('bwrap', ['--dev-bind', '/', '/', ...jail, ...command], { encoding: 'utf8' }),
  );
};

describe.each(['writeWhole', 'writeWholeSync'])('%s on a disk that gets full', (name) => {
  it('keeps the old text, says so, and leaves nothing behind', () => {
    const script = `
      import { readdirSync, readFileSync } from 'node:fs';
      import { ${name} as write } from ${JSON.stringify(module)};
      const [path] = process.argv.slice(1);
      await write(path, 'old');
      const failure = await (async () => write(path, 'new'.repeat(20_000)))().catch(({ code }) => code);
      console.log(JSON.stringify([failure, readFileSync(path, 'utf8'), readdirSync(${JSON.stringify(folder)})]));`;
    const printed = runIn(['--size', '32768', '--tmpfs', folder], script);
    expect(printed).toEqual(['ENOSPC', 'old', ['file']]);
  });
});

it('a file that Windows does not let go for a moment is replaced as soon as it does', () => {
  const other = join(folder, 'other');
  writeFileSync(other, 'old');
  writeFileSync(join(folder, 'file'), '');
  // What is mounted somewhere cannot be replaced either.
  const script = `
    import { execFileSync } from 'node:child_process';
    import { readFileSync } from 'node:fs';
    import { writeWhole } from ${JSON.stringify(module)};
    const [path] = process.argv.slice(1);
    const refused = await writeWhole(path, 'new').catch(({ code }) => code);
    Object.defineProperty(process, 'platform', { value: 'win32' });
    const writing = writeWhole(path, 'new');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = readFileSync(path, 'utf8');
    execFileSync('umount', [path]);
    await writing;
    console.log(JSON.stringify([refused, before, readFileSync(path, 'utf8')]));`;
  const mounter = ['--unshare-user', '--uid', '0', '--gid', '0', '--cap-add', 'CAP_SYS_ADMIN'];
  const printed = runIn([...mounter, '--bind', other, join(folder, 'file')], script);
  expect(printed).toEqual(['EBUSY', 'old', 'new']);
});
