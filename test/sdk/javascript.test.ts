import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { launch, newDataDir, removeProgram } from '../contract/engine/startEngine.ts';
import { loadSdk, type Leap0Client, type Sdk, type SdkSandbox } from './sdk.ts';

let sdk: Sdk;
let engine: ChildProcess;
let client: Leap0Client;
let sandbox: SdkSandbox;
const dataDir = newDataDir();

beforeAll(async () => {
  sdk = await loadSdk();
  engine = launch({ dataDir, args: ['--listen', '127.0.0.1:0', '--print-environment'] });
  engine.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  const [exports] = (await once(engine.stdout ?? engine, 'data')) as [Buffer];
  // As an agent would be started: by a shell that has read what the engine printed.
  const shell = spawnSync('/bin/sh', ['-c', `${exports.toString()}env`], { encoding: 'utf8' });
  for (const [, name = '', value = ''] of shell.stdout.matchAll(/^(LEAP0_\w+)=(.*)$/gm))
    vi.stubEnv(name, value);
  client = new sdk.Leap0Client();
  sandbox = await client.sandboxes.create();
});
afterAll(async () => {
  await client.close();
  engine.kill('SIGTERM');
  await once(engine, 'exit');
  rmSync(dataDir, { recursive: true });
  removeProgram();
});

/** A sandbox that goes with the test. */
async function makeAnother(request: object = {}): Promise<SdkSandbox> {
  const made = await client.sandboxes.create(request);
  onTestFinished(() => client.sandboxes.delete(made.id).catch(() => undefined));
  return made;
}

describe('sandboxes', () => {
  it('are made with what is asked for, read, paused, woken and deleted', async () => {
    const made = await makeAnother({
      vcpu: 2,
      memoryMib: 2048,
      timeoutMin: 7,
      autoPause: true,
      envVars: { GREETING: 'hello' },
      networkPolicy: { mode: 'deny-all' },
    });
    expect(made).toMatchObject({
      state: 'running',
      vcpu: 2,
      memoryMib: 2048,
      timeoutMin: 7,
      autoPause: true,
      templateName: 'system/debian:bookworm',
      networkPolicy: { mode: 'deny-all' },
    });
    expect((await made.pause()).state).toBe('paused');
    expect((await client.sandboxes.get(made.id)).state).toBe('paused');
    expect((await made.process.execute({ command: 'echo $GREETING' })).result).toBe('hello\n');
    expect((await made.refresh()).state).toBe('running');
    await made.delete();
    await expect(client.sandboxes.get(made.id)).rejects.toBeInstanceOf(sdk.Leap0NotFoundError);
  });

  it('are refused with what this machine does not enforce', async () => {
    const filtered = { networkPolicy: { mode: 'custom', allowedDomains: ['example.com'] } };
    await expect(client.sandboxes.create(filtered)).rejects.toThrow(/network_policy\.mode must be/);
    const template = { templateName: 'system/desktop:v0.1.0' };
    await expect(client.sandboxes.create(template)).rejects.toThrow(/template_name is unknown here/);
    const upload = client.templates.create({ name: 'mine', uri: 'docker.io/library/python:3.12' });
    await expect(upload).rejects.toThrow('does not offer templates');
  });

  it('have no address at Leap0, where the key would be sent to', () => {
    expect(client.sandboxes.invokeUrl(sandbox.id)).toBe(`https://${sandbox.id}.sandbox.invalid/`);
  });

  it.each([
    ['raw', { bearer: false }],
    ['in the other header', { authHeader: 'leap0-authorization' }],
    ['raw in the other header', { authHeader: 'leap0-authorization', bearer: false }],
  ])('are reached with the key %s', async (_, config) => {
    const other = new sdk.Leap0Client(config);
    expect((await other.sandboxes.get(sandbox.id)).id).toBe(sandbox.id);
    await other.close();
  });
});

it('commands answer their output, and end at their time limit', async () => {
  const run = (request: object) => sandbox.process.execute(request);
  expect(await run({ command: 'pwd; echo err >&2; exit 7', cwd: '/usr', timeout: 30 })).toMatchObject({
    exitCode: 7,
    result: '/usr\nerr\n',
    stdout: '/usr\n',
    stderr: 'err\n',
  });
  expect(await run({ command: 'sleep 60', timeout: 1 })).toMatchObject({ exitCode: 124 });
  expect(await run({ command: 'pwd', cwd: '', timeout: 0 })).toMatchObject({ result: '/home/user\n' });
});

describe('files', () => {
  const folder = '/workspace/files';

  it('are written, read, searched, edited and moved', async () => {
    const { filesystem: files } = sandbox;
    await files.mkdir(`${folder}/sub`, { recursive: true, permissions: '750' });
    await files.writeFile(`${folder}/a.txt`, 'one\ntwo\n', { permissions: '600' });
    await files.writeBytes(`${folder}/sub/b`, Uint8Array.of(0, 255, 10));
    expect(await files.readFile(`${folder}/a.txt`, { head: 1 })).toBe('one\n');
    expect(await files.readBytes(`${folder}/sub/b`)).toEqual(Uint8Array.of(0, 255, 10));
    expect(await files.stat(`${folder}/a.txt`)).toMatchObject({ size: 8, mode: '600', isDir: false });
    expect((await files.ls(folder)).items.map(({ name }) => name)).toEqual(['a.txt', 'sub']);
    expect((await files.ls(folder, { recursive: true, exclude: ['a.txt'] })).items).toHaveLength(2);
    expect((await files.tree(folder, { maxDepth: 2 })).items).toMatchObject([
      {},
      { children: [{ name: 'b' }] },
    ]);
    expect(await files.glob(folder, '*.txt')).toEqual([`${folder}/a.txt`]);
    expect(await files.grep(folder, 'two')).toEqual([{ path: `${folder}/a.txt`, line: 2, content: 'two' }]);
    const edit = await files.editFile(`${folder}/a.txt`, [{ find: 'two', replace: '2' }]);
    expect(edit).toMatchObject({ replacements: 1, diff: expect.stringContaining('+2') });
    const edits = await files.editFiles({ paths: [`${folder}/a.txt`, `${folder}/none`], find: 'one' });
    expect(edits.items.map(({ success }) => success)).toEqual([true, false]);
    await files.setPermissions(`${folder}/a.txt`, { mode: '644' });
    await files.copy(`${folder}/sub`, `${folder}/twin`, { recursive: true });
    await files.move(`${folder}/a.txt`, `${folder}/c.txt`);
    expect([await files.exists(`${folder}/a.txt`), await files.exists(`${folder}/c.txt`)]).toEqual([
      false,
      true,
    ]);
    await files.delete(folder, true);
    expect(await files.exists(folder)).toBe(false);
  });

  it('are written and read many at once, whatever they are called', async () => {
    const names = ['plain', 'with "quotes"', 'ünï😀', 'semi;colon=x', "it's"];
    const texts = Object.fromEntries(names.map((name) => [`/workspace/many/${name}`, `in ${name}`]));
    await sandbox.filesystem.writeFiles(texts);
    expect(await sandbox.filesystem.readFiles(Object.keys(texts))).toEqual(texts);
  });

  it('fail with the error that the SDK has for it', async () => {
    const { filesystem: files } = sandbox;
    await files.writeFiles({ '/workspace/one': '1', '/workspace/two': '2' });
    const failures: [() => Promise<unknown>, keyof Sdk][] = [
      [() => files.readFile('/workspace/none'), 'Leap0NotFoundError'],
      [() => files.mkdir('/workspace/none/below'), 'Leap0NotFoundError'],
      [() => files.writeFile('/usr/x', ''), 'Leap0PermissionError'],
      [() => files.mkdir('/workspace/one'), 'Leap0ConflictError'],
      [() => files.move('/workspace/one', '/workspace/two'), 'Leap0ConflictError'],
      [() => files.copy('/workspace/one', '/workspace/two'), 'Leap0ConflictError'],
      [() => files.readFile('relative'), 'Leap0Error'],
    ];
    for (const [call, kind] of failures) await expect(call(), kind).rejects.toBeInstanceOf(sdk[kind]);
  });
});

it('repositories are cloned, changed and pushed', async ({ skip }) => {
  const { exitCode } = await sandbox.process.execute({ command: 'git init --bare -b main origin.git' });
  if (exitCode !== 0) return skip('Git is not installed on this machine.');
  const { git } = sandbox;
  const path = '/workspace/repo';
  const outputs = [await git.clone({ url: '/home/user/origin.git', path, username: 'a', password: 'b' })];
  await sandbox.filesystem.writeFile(`${path}/file`, 'text\n');
  outputs.push(await git.add(path, ['file']), await git.diffStaged(path, 1), await git.status(path));
  const made = await git.commit({ path, message: 'first', author: 'Me', email: 'me@example.com' });
  expect(made.sha).toMatch(/^[0-9a-f]{40}$/);
  outputs.push(
    made.result,
    await git.push({ path, branch: 'main', setUpstream: true }),
    await git.createBranch({ path, name: 'side', checkout: true }),
    await git.checkoutBranch({ path, branch: 'main' }),
    await git.branches({ path, branchType: 'all' }),
    await git.deleteBranch(path, 'side', true),
    await git.diffUnstaged(path),
    await git.diff(path, 'main'),
    await git.log({ path, maxCount: 3 }),
    await git.show(path),
    await git.reset(path),
    await git.pull({ path, rebase: true }),
  );
  expect(outputs.filter((each) => each.exitCode !== 0)).toEqual([]);
});

it('terminals are opened, spoken to, resized and closed', async () => {
  const { pty } = sandbox;
  const session = await pty.create({
    sessionId: 'my/terminal 1',
    cols: 120,
    rows: 30,
    envs: { MINE: 'yes' },
  });
  expect(session).toMatchObject({ id: 'my/terminal 1', cwd: '/home/user', cols: 120, active: true });
  expect((await pty.list()).map(({ id }) => id)).toContain(session.id);
  expect((await pty.resize(session.id, 99, 33)).cols).toBe(99);
  const connection = pty.connect(session.id);
  let shown = '';
  const read = async () => void (shown += new TextDecoder().decode(await connection.recv()));
  await read();
  // The SDK drops what arrives between two calls of `recv`, so the question is asked until it is answered.
  const asking = setInterval(() => connection.send('echo "<$MINE>"; stty size\n'), 500);
  onTestFinished(() => clearInterval(asking));
  while (!/<yes>[^]*33 99/.test(shown)) await read();
  clearInterval(asking);
  connection.close();
  expect((await pty.get(session.id)).active).toBe(true);
  await pty.delete(session.id);
  await expect(pty.get(session.id)).rejects.toBeInstanceOf(sdk.Leap0NotFoundError);
});

it('snapshots are made, ended with, resumed and deleted', async () => {
  const source = await makeAnother();
  await source.filesystem.writeFile('/workspace/checkpoint.txt', 'kept\n');
  const snapshot = await client.snapshots.create(source, { name: 'checkpoint' });
  expect(snapshot.name).toBe('checkpoint');
  const last = await client.snapshots.pause(source);
  await expect(client.sandboxes.get(source.id)).rejects.toBeInstanceOf(sdk.Leap0NotFoundError);
  for (const { name } of [snapshot, last]) {
    const restored = await client.snapshots.resume({
      snapshotName: name,
      autoPause: true,
      timeoutMin: 7,
      networkPolicy: { mode: 'deny-all' },
    });
    expect(restored).toMatchObject({ timeoutMin: 7, autoPause: true });
    expect(await restored.filesystem.readFile('/workspace/checkpoint.txt')).toBe('kept\n');
    await restored.delete();
  }
  await client.snapshots.delete(snapshot);
  await client.snapshots.delete(last);
  await expect(client.snapshots.delete(last)).rejects.toBeInstanceOf(sdk.Leap0NotFoundError);
});

it('SSH accesses are made, proven, replaced and taken back', async () => {
  const { ssh } = sandbox;
  const access = await ssh.createAccess();
  expect(access.sshCommand).toContain(access.id);
  await expect(ssh.createAccess()).rejects.toBeInstanceOf(sdk.Leap0ConflictError);
  expect(await ssh.validateAccess(access.id, access.password)).toEqual({
    valid: true,
    sandboxId: sandbox.id,
  });
  const other = await ssh.regenerateAccess();
  expect((await ssh.validateAccess(access.id, access.password)).valid).toBe(false);
  expect((await ssh.validateAccess(other.id, other.password)).valid).toBe(true);
  await ssh.deleteAccess();
  await expect(ssh.regenerateAccess()).rejects.toBeInstanceOf(sdk.Leap0NotFoundError);
});
