import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const module = resolve('src/common/wholeFile.ts');

describe.each(['writeWhole', 'writeWholeSync'])('%s on a disk that gets full', (name) => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'whole-file-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps the old text, says so, and leaves nothing behind', () => {
    const script = `
      import { readdirSync, readFileSync } from 'node:fs';
      import { ${name} as write } from ${JSON.stringify(module)};
      const [path] = process.argv.slice(1);
      await write(path, 'old');
      const failure = await (async () => write(path, 'new'.repeat(20_000)))().catch(({ code }) => code);
      console.log(JSON.stringify([failure, readFileSync(path, 'utf8'), readdirSync(${JSON.stringify(folder)})]));`;
    const jail = ['--dev-bind', '/', '/', '--size', '32768', '--tmpfs', folder];
    const quiet = '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON';
    const node = [
      process.execPath,
      quiet,
      '--input-type=module-typescript',
      '-e',
      script,
      join(folder, 'file'),
    ];
    const printed = execFileSync('bwrap', [...jail, ...node], { encoding: 'utf8' });
    expect(JSON.parse(printed)).toEqual(['ENOSPC', 'old', ['file']]);
  });
});
