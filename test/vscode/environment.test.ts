import { deepEqual, equal, match, notEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as vscode from 'vscode';
import { command, observer, toldDuring } from './helpers.ts';

/** The variables that a shell has after it has read what was copied. */
async function copiedVariables(): Promise<Record<string, string>> {
  const script = `${await vscode.env.clipboard.readText()}env`;
  const { stdout } = spawnSync('/bin/sh', ['-c', script], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return Object.fromEntries(
    Array.from(stdout.matchAll(/^(LEAP0_\w+)=(.*)$/gm), ([, name, value]) => [name, value]),
  );
}

describe('the environment of the local engine', () => {
  it('is copied for a shell, and lets another program make a sandbox and delete it', async () => {
    const told = await toldDuring('showInformationMessage', () => command('copyEnvironment'));
    equal(told.length, 1);
    match(told[0]?.message ?? '', /secret/);
    const { LEAP0_BASE_URL: url, LEAP0_API_KEY: key, ...others } = await copiedVariables();
    deepEqual(others, { LEAP0_SANDBOX_DOMAIN: 'sandbox.invalid' });
    const ask = (method: string, path: string, more: Record<string, string> = {}) =>
      fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${key}`, ...more } });
    const made = await ask('POST', '/v1/sandbox');
    equal(made.status, 201);
    const { id } = (await made.json()) as { id: string };
    equal((await observer.get(id)).state, 'running');
    equal((await ask('DELETE', `/v1/sandbox/${id}/`)).status, 204);
    deepEqual(await observer.list(), []);
    equal((await ask('GET', '/v1/sandboxes', { origin: 'http://evil.example' })).status, 403);
    equal((await ask('GET', '/v1/sandboxes', { authorization: 'Bearer guessed' })).status, 401);
  });

  it('is the same when it is copied again, so that what was pasted before stays good', async () => {
    const before = await copiedVariables();
    await vscode.env.clipboard.writeText('');
    await command('copyEnvironment');
    deepEqual(await copiedVariables(), before);
    notEqual(before['LEAP0_API_KEY'], undefined);
  });
});
