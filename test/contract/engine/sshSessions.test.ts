import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Client as Ssh2Client, type ClientChannel } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { growthOf } from './memory.ts';
import { finish, openSsh, portOf, type OpenSsh, type Typist } from './openSsh.ts';
import { dispose, startEngine, removeProgram, type RunningEngine } from './startEngine.ts';
import { describeForStarters } from './starters.ts';

afterAll(removeProgram);

const hashOf = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

const shows = (typist: Typist, what: string | RegExp) =>
  eventually(() => expect(typist.text).toMatch(what), 10_000);

describeForStarters("by SSH in a sandbox of %s's engine", (options) => {
  let engine: RunningEngine;
  let client: Client;
  let sandbox: string;
  let ssh: OpenSsh;

  beforeAll(async () => {
    engine = await startEngine(options());
    client = new Client(engine);
    sandbox = await client.create({ env_vars: { OF_THE_SANDBOX: 'here', LC_TIME: 'C' } });
    ssh = await openSsh(client, sandbox);
  });
  afterAll(async () => {
    ssh.dispose();
    await dispose(engine);
  });

  /** How many processes of the sandbox have this command line. */
  const countOf = async (pattern: string) =>
    Number(await client.run(sandbox, `pgrep -fc '${pattern}' || true`));

  describe('a command', () => {
    it('ends as it would here', async () => {
      expect(await ssh.ssh('true')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await ssh.ssh('echo out; echo err >&2; exit 7')).toEqual({
        code: 7,
        stdout: 'out\n',
        stderr: 'err\n',
      });
    });

    it('tells which signal killed it', async () => {
      const { stderr } = await ssh.ssh('kill -KILL $$', { args: ['-v'] });
      expect(stderr).toContain('rtype exit-signal');
      expect((await ssh.ssh('kill -BUS $$')).code).toBe(128 + 7);
    });

    it('runs inside the sandbox, with its variables and without those of the engine', async () => {
      const { stdout } = await ssh.ssh('pwd; echo $HOME $SHELL $OF_THE_SANDBOX; env; hostname');
      expect(stdout).toMatch(/^\/home\/user\n\/home\/user \/\S+ here\n/);
      expect(stdout).toContain(sandbox.replace('/v1/sandbox/', '').slice(0, 9));
      expect(stdout).not.toMatch(/HOST_SECRET|SANDBOX_BOOT|of the host/);
      expect((await ssh.ssh('grep Cap /proc/self/status')).stdout).toMatch(/^(Cap\w+:\s0+\n){5}$/);
    });

    it('has the same environment as a terminal', async () => {
      const print = `env | grep -Ev '^(TERM|COLORTERM|_|SHLVL|OLDPWD|PS1|BASH)' | sort | tr '\\n' ' '`;
      const { stdout } = await ssh.run('ssh', ['-tt', 'sandbox'], { input: `echo "<$(${print})>"; exit\n` });
      const screen = await client.terminal(sandbox);
      screen.type(`echo "<$(${print})>"; exit\r`);
      await screen.closed;
      const variables = /<(\w+=.*)>/;
      expect(variables.exec(stdout)?.[1]).toContain('HOME=/home/user');
      expect(variables.exec(stdout)?.[1]).toBe(variables.exec(screen.text)?.[1]);
    });

    it('gets the variables that the client sends, if they can be any', async () => {
      const args = ['-o', 'SendEnv=LANG LC_* FROM_THE_CLIENT', '-o', 'SetEnv=LC_ALL=C 1BAD=x A-B=y'];
      const env = { LANG: 'de_DE.UTF-8', LC_TIME: 'de_DE', FROM_THE_CLIENT: "it's\n'quoted' $(id)" };
      const { stdout } = await ssh.ssh('printf "%s|" "$LANG" "$LC_TIME" "$LC_ALL" "$FROM_THE_CLIENT"; env', {
        args,
        env,
      });
      expect(stdout).toMatch(/^de_DE.UTF-8\|de_DE\|C\|it's\n'quoted' \$\(id\)\|/);
      expect(stdout).not.toMatch(/1BAD|A-B/);
    });

    it('reads its input to the end, and may end before', async () => {
      const bytes = randomBytes(3_000_000);
      expect((await ssh.ssh('sha256sum', { input: bytes })).stdout).toContain(hashOf(bytes));
      expect(await ssh.ssh('head -c 3; exec <&-; echo', { input: 'abcdef' })).toMatchObject({
        code: 0,
        stdout: 'abc\n',
      });
      expect(await ssh.ssh('exit 4', { input: bytes })).toMatchObject({ code: 4 });
    });

    it('can be a login shell that reads a script', async () => {
      const script = 'shopt -q login_shell && echo login; exit 3\n';
      expect(await ssh.run('ssh', ['sandbox'], { input: script })).toMatchObject({
        code: 3,
        stdout: 'login\n',
      });
    });

    it('may be long, but not too long', async () => {
      expect((await ssh.ssh(`printf %s ${'x'.repeat(30_000)} | wc -c`)).stdout).toBe('30000\n');
      const tooLong = await ssh.ssh('true', { args: ['-o', 'SendEnv=V*'], env: manyVariables() });
      expect(tooLong).toMatchObject({ code: 255, stderr: expect.stringContaining('is too long') });
    });

    it('leaves to the sandbox what it has sent to the background', async () => {
      expect(await ssh.ssh('nohup sleep 7001 >/dev/null 2>&1 </dev/null & echo gone')).toMatchObject({
        code: 0,
        stdout: 'gone\n',
      });
      expect(await countOf('^sleep 7001$')).toBe(1);
    });
  });

  it('what it does not know is refused, and nobody else loses anything by it', async () => {
    const other = await ssh.stay();
    const { stderr } = await ssh.ssh('no-such-subsystem', { args: ['-s'] });
    expect(stderr).toContain('subsystem request failed');
    expect(await ssh.ssh('true')).toMatchObject({ code: 0 });
    expect(other.isOpen()).toBe(true);
  });

  describe('much output', () => {
    it('arrives whole, on both streams, at a client that is slow', async () => {
      const command =
        'seq 1 900000 > a; seq 1000000 1900000 > b; cat a & cat b >&2 & cat a & cat b >&2; wait';
      const child = ssh.start('ssh', ['sandbox', command]);
      await delay(1500);
      const { stdout, stderr, code } = await finish(child);
      expect({ code, lines: stdout.split('\n').length, bytes: stderr.length }).toEqual({
        code: 0,
        lines: 2 * 900_000 + 1,
        bytes: 2 * 900_001 * 8,
      });
    });

    it('arrives whole while keys are exchanged again and again', async () => {
      const bytes = randomBytes(12_000_000);
      const { stdout } = await ssh.ssh('tee >(sha256sum >&2) | sha256sum', {
        args: ['-o', 'RekeyLimit=1M'],
        input: bytes,
      });
      expect(stdout).toContain(hashOf(bytes));
    });

    it('does not pile up in the engine, whether it is read or not', async () => {
      const grown = await growthOf(engine.pid, async () => {
        const child = ssh.start('ssh', ['sandbox', 'head -c 1G /dev/zero']);
        child.stdin?.end();
        let bytes = 0;
        child.stdout?.on('data', (chunk: Buffer) => (bytes += chunk.length));
        await once(child, 'close');
        expect(bytes).toBe(2 ** 30);
        const idle = ssh.start('ssh', ['sandbox', 'head -c 1G /dev/zero']);
        await delay(1500);
        idle.kill('SIGKILL');
      });
      expect(grown).toBeLessThan(150);
    });

    it('ends at once when its reader has enough', async () => {
      const child = ssh.start('ssh', ['-tt', 'sandbox', 'yes 7002']);
      await once(child.stdout ?? child, 'data');
      child.kill('SIGTERM');
      await eventually(async () => expect(await countOf('^yes 7002$')).toBe(0));
    });
  });

  describe('a terminal', () => {
    it('has the size of the window, and follows it', async () => {
      const typist = ssh.terminal(['sandbox'], { cols: 101, rows: 31 });
      await shows(typist, /user@sbx-\S+\$ $/);
      typist.type('tty; stty size; echo $TERM\r');
      await shows(typist, /\/dev\/pts\/\d+\r\n31 101\r\nxterm\r\n/);
      typist.resize(77, 22);
      await eventually(async () => {
        typist.type('stty size\r');
        await delay(100);
        expect(typist.text).toContain('22 77');
      });
      typist.type('exit 5\r');
      expect(await typist.code).toBe(5);
    });

    it('interrupts what runs in it by Ctrl+C, and has job control', async () => {
      const typist = ssh.terminal(['sandbox'], { cols: 80, rows: 24 });
      await shows(typist, /\$ $/);
      typist.type('sleep 7003\r');
      await eventually(async () => expect(await countOf('^sleep 7003$')).toBe(1));
      typist.type('\u0003');
      typist.clear();
      typist.type('echo "<$?>"; sleep 7004 & jobs\r');
      await shows(typist, /<130>\r\n[^]*Running/);
      typist.type('kill %1; exit\r');
      await typist.code;
    });

    it('may be had for a command, too', async () => {
      const { code, stdout } = await ssh.ssh('tty; exit 6', { args: ['-tt'] });
      expect({ code, stdout }).toEqual({ code: 6, stdout: expect.stringMatching(/^\/dev\/pts\/\d+\r\n$/) });
    });
  });

  describe('a signal', () => {
    const started = async (command: string, pty: boolean) => {
      const { id: username, password } = ssh.access;
      const connection = new Ssh2Client();
      connection.connect({ host: '127.0.0.1', port: portOf(ssh.access), username, password });
      await once(connection, 'ready');
      const stream = await new Promise<ClientChannel>((resolve, reject) => {
        connection.exec(command, { pty }, (error, channel) => (error ? reject(error) : resolve(channel)));
      });
      await once(stream, 'data');
      return { connection, stream };
    };

    it.each([false, true])('reaches the whole process group (on a terminal: %s)', async (pty) => {
      const { connection, stream } = await started(
        `trap 'echo told; exit 9' USR1; echo ready; (trap 'exit 0' USR1; exec sleep 7005) & wait; wait`,
        pty,
      );
      await eventually(async () => expect(await countOf('^sleep 7005$')).toBe(1));
      stream.signal('USR1');
      const [code] = await once(stream, 'exit');
      expect(code).toBe(9);
      expect(await countOf('^sleep 7005$')).toBe(0);
      connection.end();
    });
  });

  describe('a client that is killed', () => {
    it.each([
      ['without a terminal', [], 'echo x; sleep 7006; true'],
      ['that pours out', [], 'while :; do echo 7006; done'],
      ['in the middle of a pipe', [], 'echo x; (sleep 7006; true) | cat'],
      ['on a terminal', ['-tt'], 'echo x; sleep 7006; true'],
      ['in a shell on a terminal', ['-tt'], 'exec bash -ic "sleep 7006 | (sleep 1; echo x; cat); true"'],
    ])('leaves nothing of a command %s', async (_case, args, command) => {
      const child = ssh.start('ssh', [...args, 'sandbox', command]);
      await once(child.stdout ?? child, 'data');
      child.kill('SIGKILL');
      await eventually(async () => expect(await countOf('[7]006')).toBe(0));
    });

    it('leaves what was sent to the background to stay', async () => {
      const command = 'sleep 7007 >/dev/null 2>&1 </dev/null & echo x; sleep 7008; true';
      const child = ssh.start('ssh', ['sandbox', command]);
      await once(child.stdout ?? child, 'data');
      await eventually(async () => expect(await countOf('^sleep 700[78]$')).toBe(2));
      child.kill('SIGKILL');
      await eventually(async () => expect(await countOf('^sleep 7008$')).toBe(0));
      expect(await countOf('^sleep 7007$')).toBe(1);
    });

    it('takes an input with it that nobody has read', async () => {
      const child = ssh.start('ssh', ['sandbox', 'echo x; exec sleep 7009']);
      child.stdin?.on('error', () => undefined);
      child.stdin?.write(Buffer.alloc(8_000_000));
      await once(child.stdout ?? child, 'data');
      await delay(300);
      child.kill('SIGKILL');
      await eventually(async () => expect(await countOf('^sleep 7009$')).toBe(0));
    });
  });

  it('serves many sessions of one connection at a time', async () => {
    const socket = `${ssh.folder}/master`;
    const master = ssh.start('ssh', ['-N', '-M', '-S', socket, 'sandbox']);
    await eventually(async () =>
      expect((await ssh.run('ssh', ['-S', socket, '-O', 'check', 'sandbox'])).code).toBe(0),
    );
    const words = Array.from({ length: 20 }, (_word, index) => `word-${index}`);
    const outcomes = await Promise.all(
      words.map((word) =>
        ssh.ssh('cat; sleep 0.3', { args: ['-S', socket], input: word, env: { TEST_PASSWORD: '' } }),
      ),
    );
    expect(outcomes).toEqual(words.map((word) => ({ code: 0, stdout: word, stderr: '' })));
    master.kill();
  });
});

/** More than one process can be given. */
function manyVariables(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`V${index}`, 'x'.repeat(8000)]));
}
