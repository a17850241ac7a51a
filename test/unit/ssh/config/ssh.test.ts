import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nobody, readConfig } from '../../../../src/ssh/config/ssh.ts';

let home: string;
let config: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ssh program-'));
  config = join(home, 'config');
  writeFileSync(config, '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

describe('an ssh program', () => {
  it('that is missing is told to be missing', async () => {
    vi.stubEnv('PATH', home);
    expect(await readConfig(config, nobody)).toEqual({
      kind: 'unknown',
      reason: 'there is no ssh program on this machine',
    });
  });

  it('that must not be started is not told to be missing', async () => {
    writeFileSync(join(home, 'ssh'), '');
    chmodSync(join(home, 'ssh'), 0o600);
    vi.stubEnv('PATH', home);
    expect(await readConfig(config, nobody)).toEqual({
      kind: 'unknown',
      reason: 'ssh could not be started: spawn ssh EACCES',
    });
  });

  it('for which this process has too many files open is not told to be missing', () => {
    const script = `
      import { openSync } from 'node:fs';
      import { readConfig } from ${JSON.stringify(resolve('src/ssh/config/ssh.ts'))};
      try { for (;;) openSync('/dev/null'); } catch {}
      console.log(JSON.stringify(await readConfig(${JSON.stringify(config)}, 'any')));`;
    const quiet = '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON';
    const limited = 'ulimit -n 100 && exec "$0" "$@"';
    const node = [process.execPath, quiet, '--input-type=module-typescript', '-e', script];
    expect(JSON.parse(execFileSync('sh', ['-c', limited, ...node], { encoding: 'utf8' }))).toEqual({
      kind: 'unknown',
      reason: expect.stringMatching(/^ssh could not be started: .*EMFILE/),
    });
  });
});
