import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { dispose, startEngine, type RunningEngine, removeProgram } from './startEngine.ts';

afterAll(removeProgram);

let engine: RunningEngine;
let client: Client;
let sandbox: string;

beforeAll(async () => {
  engine = await startEngine();
  client = new Client(engine);
  sandbox = await client.create({ env_vars: { GREETING: 'hello' } });
});
afterAll(() => dispose(engine));

const execute = async (command: string, more: object = {}) =>
  (await client.call('POST', `${sandbox}/process/execute`, { command, ...more })).body;

it('answers with the exit code and both streams', async () => {
  expect(await execute('echo out; echo err >&2; exit 7')).toEqual({
    exit_code: 7,
    stdout: 'out\n',
    stderr: 'err\n',
    result: 'out\nerr\n',
  });
  expect((await execute('kill -TERM $$')).exit_code).toBe(128 + 15);
});

it('runs in the given folder with the given variables, whatever they hold', async () => {
  const value = `'"$HOME\n\`id\` \\ ünï`;
  const answer = await execute('pwd; printf %s "$GREETING $ODD"', { cwd: '/usr/lib', envs: { ODD: value } });
  expect(answer.stdout).toBe(`/usr/lib\nhello ${value}`);
  expect((await execute('pwd')).stdout).toBe('/home/user\n');
  expect(await execute('echo never', { cwd: '/no/such' })).toMatchObject({ exit_code: 1, stdout: '' });
});

it('runs in the home folder when none is named, and finds a relative one there', async () => {
  await execute('mkdir -p src');
  for (const [cwd, folder] of [
    ['', '/home/user'],
    [null, '/home/user'],
    ['src', '/home/user/src'],
    ['/', '/'],
  ]) {
    expect((await execute('pwd', { cwd })).stdout).toBe(`${folder}\n`);
  }
});

it('runs with /bin/sh', async () => {
  expect((await execute('readlink -f /proc/$$/exe')).stdout).toBe(
    await client.run(sandbox, 'readlink -f /bin/sh'),
  );
});

it('takes no time limit, or one beyond all limits, as none that matters', async () => {
  for (const timeout of [0, null, 1_800_000]) {
    expect(await execute('echo done', { timeout })).toMatchObject({ exit_code: 0, stdout: 'done\n' });
  }
});

it('keeps variables from the programs that make the jail', async () => {
  const answer = await execute('echo fine', { envs: { LD_PRELOAD: '/nowhere.so', PATH: '/nowhere' } });
  expect(answer.stdout).toBe('fine\n');
});

it('kills what takes too long, and says so', async () => {
  const answer = await execute('echo begun; (sleep 611 & sleep 612)', { timeout: 1 });
  expect(answer).toMatchObject({
    exit_code: 124,
    stdout: 'begun\n',
    stderr: expect.stringContaining('timed out'),
  });
  expect((await execute('pgrep -fc "[s]leep 61"')).stdout).toBe('0\n');
});

it('does not count the time in which the sandbox is paused', async () => {
  const other = await client.create();
  const request = { command: 'sleep 2; echo done', timeout: 5 };
  const running = client.call('POST', `${other}/process/execute`, request);
  await eventually(async () => expect(await client.run(other, 'pgrep -xc sleep')).toBe('1\n'));
  await client.call('POST', `${other}/pause`);
  await delay(6000);
  await client.run(other, 'true');
  expect((await running).body).toMatchObject({ exit_code: 0, stdout: 'done\n' });
  await client.call('DELETE', other);
});

it('kills what nobody waits for any more', async () => {
  const controller = new AbortController();
  const call = client.call(
    'POST',
    `${sandbox}/process/execute`,
    { command: 'exec sleep 621' },
    { signal: controller.signal },
  );
  const aborted = expect(call).rejects.toThrow();
  await eventually(async () => expect((await execute('pgrep -fc "[s]leep 621"')).stdout).toBe('1\n'));
  controller.abort();
  await aborted;
  await eventually(async () => expect((await execute('pgrep -fc "[s]leep 621"')).stdout).toBe('0\n'));
});

it('does not wait for what a command leaves in the background, and does not end it', async () => {
  const begun = Date.now();
  expect((await execute('sleep 641 & echo done')).stdout).toBe('done\n');
  expect(Date.now() - begun).toBeLessThan(10_000);
  expect((await execute('pgrep -fc "[s]leep 641"')).stdout).toBe('1\n');
});

it.each([
  ['ended', '', 0],
  ['was killed for its time', '; sleep 600', 124],
])('leaves alone what has detached itself from a command that %s', async (_, rest, code) => {
  const start = `(setsid sleep 631 >/dev/null 2>&1 &); echo begun${rest}`;
  expect(await execute(start, { timeout: 1 })).toMatchObject({ exit_code: code, stdout: 'begun\n' });
  expect((await execute('pgrep -fc "[s]leep 631"')).stdout).toBe('1\n');
  await execute('pkill -f "[s]leep 631"');
});

it('cuts output that is too large, and says so', async () => {
  const answer = await execute('head -c 20000000 /dev/zero; echo end >&2');
  expect(answer.exit_code).toBe(0);
  expect(answer.stdout).toMatch(new RegExp(`\\n\\[cut here: ${answer.stdout_cut} more bytes\\]\\n$`));
  expect(answer).not.toHaveProperty('stderr_cut');
  expect(answer.stderr).toBe('end\n');
  expect(answer.result).toMatch(/\n\[cut here: \d+ more bytes\]\n$/);
  expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(10 * 1024 * 1024);
});

it('replaces bytes that are not UTF-8', async () => {
  expect((await execute(String.raw`printf 'a\377b'`)).stdout).toBe('a\uFFFDb');
});

it.each([
  ['no command', {}, 'command'],
  ['an empty command', { command: '' }, 'command'],
  ['a command with a NUL', { command: 'a\0b' }, 'command'],
  ['a command that no process could be given', { command: `: ${'x'.repeat(200_000)}` }, 'command'],
  ['a negative timeout', { command: 'true', timeout: -1 }, 'timeout'],
  ['a variable without a proper name', { command: 'true', envs: { 'a=b': '' } }, 'envs.a=b'],
])('refuses %s, naming the field', async (_, request, field) => {
  const { status, body } = await client.call('POST', `${sandbox}/process/execute`, request);
  expect({ status, field: body.errors[0].field }).toEqual({ status: 400, field });
});

it('ends with its sandbox', async () => {
  const other = await client.create();
  const running = client.call('POST', `${other}/process/execute`, { command: 'sleep 600' });
  await eventually(async () => expect(await client.run(other, 'pgrep -xc sleep')).toBe('1\n'));
  await client.call('POST', `${other}/stop`);
  expect((await running).status).toBe(409);
});
