import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { host as name, outcomeOf } from './sshHost.ts';
import { sharedEngineHost } from './sharedEngineHost.ts';

const there = await sharedEngineHost();
const { host } = there;

const here = (file: string) => join(host.root, file);

/** Runs a program to its good end; what it printed. */
async function run(program: string, args: readonly string[], env?: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await host.run(program, args, env);
  expect([code, stderr]).toEqual([0, '']);
  return stdout.toString();
}

describe('files', () => {
  it('are copied both ways by scp', async () => {
    const bytes = randomBytes(3_000_000);
    writeFileSync(here('one'), bytes);
    await run('scp', [...host.args(['-q']), here('one'), `${name}:two`]);
    await run('scp', [...host.args(['-q']), `${name}:two`, here('three')]);
    expect(readFileSync(here('three')).equals(bytes)).toBe(true);
  });

  it('are copied by the scp of old, too', async () => {
    writeFileSync(here('one'), 'old');
    await run('scp', [...host.args(['-q', '-O']), here('one'), `${name}:old`]);
    expect(await there.run('cat /home/user/old')).toBe('old');
  });

  it('are listed, moved and removed by sftp', async () => {
    writeFileSync(here('a name'), 'content');
    writeFileSync(
      here('batch'),
      [
        'mkdir folder',
        `put "${here('a name')}" folder/from`,
        'rename folder/from folder/to',
        `get folder/to "${here('back')}"`,
        'rm folder/to',
        'rmdir folder',
      ].join('\n'),
    );
    await run('sftp', [...host.args(['-q', '-b', here('batch')]), name]);
    expect(readFileSync(here('back'), 'utf8')).toBe('content');
    expect(await there.run('ls -d /home/user/folder 2>&1 || true')).toContain('No such file');
  });

  it('are kept alike by rsync', async () => {
    mkdirSync(here('tree/below'), { recursive: true });
    writeFileSync(here('tree/below/file'), randomBytes(200_000));
    writeFileSync(here('tree/top'), 'top');
    const env = { RSYNC_RSH: host.sshCommand };
    await run('rsync', ['-a', `${here('tree')}/`, `${name}:tree/`], env);
    writeFileSync(here('tree/top'), 'changed');
    await run('rsync', ['-a', '--delete', `${here('tree')}/`, `${name}:tree/`], env);
    await run('rsync', ['-a', `${name}:tree/`, `${here('copy')}/`], env);
    expect(readFileSync(here('copy/top'), 'utf8')).toBe('changed');
    expect(readFileSync(here('copy/below/file')).equals(readFileSync(here('tree/below/file')))).toBe(true);
  });

  it('are cloned and pushed by git', async () => {
    await there.run(
      'git init -q -b main /home/user/repo && cd /home/user/repo && git config receive.denyCurrentBranch ignore && ' +
        'git config user.email a@b.c && git config user.name a && echo hello > file && git add . && git commit -qm one',
    );
    const env = { GIT_SSH_COMMAND: host.sshCommand, GIT_CONFIG_GLOBAL: '/dev/null' };
    await run('git', ['clone', '-q', `${name}:repo`, here('clone')], env);
    expect(readFileSync(here('clone/file'), 'utf8')).toBe('hello\n');
    const git = ['-C', here('clone'), '-c', 'user.email=a@b.c', '-c', 'user.name=a'];
    await run('git', [...git, 'commit', '-q', '--allow-empty', '-m', 'two'], env);
    await run('git', [...git, 'push', '-q'], env);
    expect(await there.run('cd /home/user/repo && git log --format=%s main')).toBe('two\none\n');
  });
});

/** Runs something while a connection stands that others may use, by the options that it gets. */
async function connected<T>(
  options: readonly string[],
  task: (use: readonly string[]) => Promise<T>,
): Promise<T> {
  const use = ['-S', here('control')];
  const ask = (what: string) => host.run('ssh', [...host.args([...use, '-O', what]), name]);
  const master = host.start('ssh', [...host.args(['-M', '-N', ...use, ...options]), name]);
  const ended = outcomeOf(master);
  await expect.poll(async () => (await ask('check')).code).toBe(0);
  try {
    return await task(use);
  } finally {
    await ask('exit');
    await ended;
  }
}

describe('many sessions', () => {
  it('run at once on one connection', async () => {
    await connected([], async (use) => {
      // sshd has the same limit of ten.
      const all = Array.from({ length: 10 }, (_, nth) =>
        host.ssh(`cat; echo ${nth}; exit ${nth}`, randomBytes(100_000), { options: use }),
      );
      const outcomes = await Promise.all(all);
      expect(outcomes.map(({ code, stdout }) => [code, stdout.length])).toEqual(
        Array.from({ length: 10 }, (_, nth) => [nth, 100_002]),
      );
      expect(host.proxies()).toHaveLength(1);
    });
    await expect.poll(() => host.proxies()).toEqual([]);
  });
});

describe('forwarding', () => {
  /** Answers whoever comes with what they said, after they have ended their side. */
  const politeServer = `
import socket, threading, sys
s = socket.create_server(('127.0.0.1', 0))
print(s.getsockname()[1], flush=True)
def serve(c):
    said = b''
    while True:
        more = c.recv(65536)
        if not more: break
        said += more
    c.sendall(b'you said: ' + said)
    c.close()
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
`;
  let port = '';
  const servers: Server[] = [];

  beforeAll(async () => {
    const server = host.startSsh(`exec python3 -uc '${politeServer.replaceAll("'", String.raw`'\''`)}'`);
    port = await new Promise((resolve) =>
      server.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())),
    );
  });
  afterAll(() => servers.forEach((server) => server.close()));

  /** Sends all, ends its side, and gives back what comes then. */
  const ask = async (words: string, ...way: string[]) =>
    (await host.run('python3', ['-c', asker, words, ...way])).stdout.toString();
  const asker = `
import socket, sys
words, way = sys.argv[1].encode(), sys.argv[2:]
if way[0] == 'socks':
    s = socket.create_connection(('127.0.0.1', int(way[1])))
    s.sendall(b'\\x05\\x01\\x00'); assert s.recv(2) == b'\\x05\\x00'
    name = way[2].encode()
    s.sendall(b'\\x05\\x01\\x00\\x03' + bytes([len(name)]) + name + int(way[3]).to_bytes(2, 'big'))
    assert s.recv(10)[1] == 0
elif way[0] == 'tcp':
    s = socket.create_connection(('127.0.0.1', int(way[1])))
else:
    s = socket.socket(socket.AF_UNIX); s.connect(way[1])
s.sendall(words)
s.shutdown(socket.SHUT_WR)
answer = b''
while True:
    more = s.recv(65536)
    if not more: break
    answer += more
sys.stdout.buffer.write(answer)
`;

  async function freePort(): Promise<string> {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port: free } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return String(free);
  }

  /** Runs something while a forwarding stands. */
  const forwarded = <T>(options: readonly string[], task: () => Promise<T>) =>
    connected(['-o', 'ExitOnForwardFailure=yes', ...options], task);

  it('leads from a port here to one there (-L), and lets one side end before the other', async () => {
    const local = await freePort();
    const answer = await forwarded(['-L', `127.0.0.1:${local}:127.0.0.1:${port}`], () =>
      ask('hello', 'tcp', local),
    );
    expect(answer).toBe('you said: hello');
  });

  it('leads wherever a SOCKS client asks (-D), by name too', async () => {
    const local = await freePort();
    const answer = await forwarded(['-D', `127.0.0.1:${local}`], () =>
      ask('hello', 'socks', local, 'localhost', port),
    );
    expect(answer).toBe('you said: hello');
  });

  it('carries many connections at once', async () => {
    const local = await freePort();
    const words = Array.from({ length: 20 }, (_, nth) => `${nth} `.repeat(20_000));
    const answers = await forwarded(['-L', `127.0.0.1:${local}:127.0.0.1:${port}`], () =>
      Promise.all(words.map((each) => ask(each, 'tcp', local))),
    );
    expect(answers).toEqual(words.map((each) => `you said: ${each}`));
  });

  it('leads from a port there to one here (-R)', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('data', () => undefined).on('end', () => socket.end('from here'));
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    const { port: local } = server.address() as AddressInfo;
    const remote = await freePort();
    const client = `import socket; s = socket.create_connection(("127.0.0.1", ${remote})); s.shutdown(1); print(s.recv(99).decode())`;
    await forwarded(['-R', `127.0.0.1:${remote}:127.0.0.1:${local}`], () =>
      expect.poll(() => there.run(`python3 -c '${client}'`)).toBe('from here\n'),
    );
  });

  it('tells which port there it took when any will do', async () => {
    const local = await freePort();
    const { stderr } = await host.ssh('sleep 1', '', { options: ['-R', `0:127.0.0.1:${local}`] });
    expect(stderr).toMatch(/^Allocated port \d+ for remote forward/);
  });

  it('leads to a Unix socket there', async () => {
    const made = `import socket; s = socket.socket(socket.AF_UNIX); s.bind("/home/user/sock"); s.listen(); print("up", flush=True); c = s.accept()[0]; c.sendall(b"unix: " + c.recv(99)); c.close()`;
    const server = host.startSsh(`exec python3 -uc '${made}'`);
    await new Promise((resolve) => server.stdout?.once('data', resolve));
    const local = here('local.sock');
    const answer = await forwarded(['-L', `${local}:/home/user/sock`], () => ask('hello', 'unix', local));
    expect(answer).toBe('unix: hello');
  });

  it('leads from a Unix socket there to one here', async () => {
    const path = here('remote.sock');
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('data', () => undefined).on('end', () => socket.end('from here'));
    }).listen(path);
    servers.push(server);
    const client =
      'import socket; s = socket.socket(socket.AF_UNIX); s.connect("/home/user/r.sock"); s.shutdown(1); print(s.recv(99).decode())';
    await forwarded(['-R', `/home/user/r.sock:${path}`], () =>
      expect.poll(() => there.run(`python3 -c '${client}'`)).toBe('from here\n'),
    );
  });

  it('says no where nobody listens, and goes on', async () => {
    const local = await freePort();
    const answers = await connected(['-L', `127.0.0.1:${local}:127.0.0.1:1`], async (use) => [
      await ask('hello', 'tcp', local),
      (await host.ssh('echo on', '', { options: use })).stdout.toString(),
    ]);
    expect(answers).toEqual(['', 'on\n']);
  });
});
