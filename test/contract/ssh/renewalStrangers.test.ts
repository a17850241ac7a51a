import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { host as name } from './sshHost.ts';
import { good, Windows } from './windows.ts';

const nonce = 'n'.repeat(43);
const hello = { protocol: 1, nonce };
const line = (value: unknown) => `${JSON.stringify(value)}\n`;

/** A window that must not be brought to renew anything. */
async function closed(test: TestContext) {
  const windows = await Windows.make(test);
  let asked = false;
  await windows.openWindow(async () => {
    asked = true;
    throw new Error('never');
  });
  return { windows, wasAsked: () => asked };
}

/** What a window says to somebody who sends these lines, until it hangs up. */
async function hear(windows: Windows, ...lines: string[]): Promise<string> {
  const socket = connect(windows.sockets()[0] ?? '');
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString())).on('error', () => undefined);
  for (const each of lines) socket.write(each);
  await new Promise((resolve) => socket.once('close', resolve));
  return said;
}

it('a stranger without the secret gets nothing renewed', async (test) => {
  const { windows, wasAsked } = await closed(test);
  const said = await hear(windows, line(hello), line({ host: name, seen: 'x', proof: nonce }));
  expect([said.trim().split('\n').length, wasAsked()]).toEqual([1, false]);
});

it('a stranger cannot give a window its own proof back', async (test) => {
  const { windows, wasAsked } = await closed(test);
  const socket = connect(windows.sockets()[0] ?? '');
  socket.write(line(hello));
  const [welcome] = (await once(socket, 'data')) as [Buffer];
  socket.write(line({ host: name, seen: '', proof: JSON.parse(welcome.toString()).proof }));
  await once(socket, 'close');
  expect(wasAsked()).toBe(false);
});

it.for([
  ['nonsense', 'hello\n'],
  ['another protocol', line({ protocol: 2, nonce })],
  ['a line without an end', 'x'.repeat(100_000)],
  ['half a line', line(hello).slice(0, 20)],
])('a stranger is hung up on after %s', async ([, said = ''], test) => {
  const windows = await Windows.make(test);
  await windows.openWindow();
  expect(await hear(windows, said)).toBe('');
  expect(await windows.fine()).toEqual(good);
});

it('a stranger that sits where a window was learns no password, and convinces nobody', async (test) => {
  const windows = await Windows.make(test);
  const { host, open } = windows;
  let said = '';
  const path = join(host.root, 'fake.sock');
  const fake = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => (said += chunk.toString())).on('error', () => undefined);
    socket.write(line({ nonce, proof: nonce }) + line({ error: null, proof: nonce }));
  }).listen(path);
  await once(fake, 'listening');
  open.push({ dispose: () => fake.close() });
  windows.announce('fake', path);
  const { code, stderr } = await windows.fine();
  expect(code).toBe(255);
  expect(stderr).toContain('Open an editor window with Sandbox Explorer');
  expect(said.trim().split('\n')).toHaveLength(1);
  expect(said).not.toContain('password');
});

it('a stranger cannot read what a window and ssh-proxy share', async (test) => {
  const windows = await Windows.make(test);
  await windows.openWindow();
  const { secret, windows: folder } = windows.host.folder;
  const files = [secret, ...readdirSync(folder).map((each) => join(folder, each))];
  expect(files.map((file) => statSync(file).mode & 0o077)).toEqual(files.map(() => 0));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});
