import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { processorTime } from './hosts.ts';
import { dispose, startEngine, type RunningEngine, removeProgram } from './startEngine.ts';
import { describeForStarters } from './starters.ts';

afterAll(removeProgram);

const anyPrompt = /\$ $/;

describeForStarters("a terminal on %s's engine", (options) => {
  let engine: RunningEngine;
  let client: Client;
  let sandbox: string;

  beforeAll(async () => {
    engine = await startEngine(options());
    client = new Client(engine);
    sandbox = await client.create({ env_vars: { FROM_SANDBOX: "it's" } });
    // What a line prints shall follow its echo at once.
    await client.run(sandbox, 'echo "set enable-bracketed-paste off" > .inputrc');
  });
  afterAll(() => dispose(engine));

  const open = async (body: object = {}) => (await client.terminal(sandbox, body)).prompt();

  it('is a terminal with a name, a size and colours', async () => {
    const screen = await open({ cols: 111, rows: 44 });
    expect(await screen.ask('tty', /\n(\/dev\/pts\/\d+)/)).toMatch('/dev/pts/');
    expect(await screen.ask('stty size', /\n(\d+ \d+)/)).toBe('44 111');
    expect(await screen.ask('echo "<$TERM $COLORTERM $LANG $HOME $PWD>"', /\n<(.*)>/)).toBe(
      'xterm-256color truecolor C.UTF-8 /home/user /home/user',
    );
  });

  it('has the variables of the sandbox and its own, and starts where it was told to', async () => {
    const screen = await client.terminal(sandbox, { envs: { MINE: 'a "b" $c `d`' }, cwd: '/usr' });
    await screen.shows(anyPrompt);
    expect(await screen.ask('echo "<$FROM_SANDBOX|$MINE|$PWD|$SANDBOX_BOOT>"', /\n<(.*)>/)).toBe(
      `it's|a "b" $c \`d\`|/usr|`,
    );
  });

  it('has job control, and a pause leaves no trace in it', async () => {
    const screen = await open();
    await screen.ask('sleep 300 & sleep 300 | cat & jobs; echo e"n"d', /\nend/);
    expect(screen.text).toMatch(/\[1\].*Running[^]*\[2\].*Running/);
    screen.clear();
    screen.type('cat\r');
    await delay(200);
    await client.call('POST', `${sandbox}/pause`);
    expect(await screen.closed).toBe(4001);
    const again = await client.connect(screen.session);
    again.clear();
    again.type('round trip\r');
    await again.shows(/round trip[^]*round trip/);
    again.type('\u0003');
    await again.prompt();
    await again.ask('jobs; echo e"n"d', /\nend/);
    expect(again.text).toMatch(/\[1\].*Running[^]*\[2\].*Running/);
    expect(again.text).not.toContain('Stopped');
    again.clear();
    again.type('sleep 400\r');
    await delay(300);
    again.type('\u001a');
    await again.shows(/\[3\]\+\s+Stopped/);
  });

  it('follows its window', async () => {
    const screen = await open();
    const resized = await client.call('POST', `${screen.session}/resize`, { cols: 132, rows: 50 });
    expect(resized).toMatchObject({ status: 200, body: { cols: 132, rows: 50 } });
    expect(await screen.ask('stty size', /\n(\d+ \d+)/)).toBe('50 132');
  });

  it('takes a paste of a megabyte whole', async () => {
    const screen = await open();
    const paste = `${'ünïcödé '.repeat(6)}\n`.repeat(20_000);
    screen.type(
      'stty -echo; head -c $((' + Buffer.byteLength(paste) + ')) > paste; stty echo; sha256sum paste\r',
    );
    await delay(300);
    screen.type(paste);
    screen.type('\r');
    await screen.shows(createHash('sha256').update(paste).digest('hex'), 60_000);
  });

  it('keeps the order of what is typed before it is ready', async () => {
    const { body } = await client.call('POST', `${sandbox}/pty`, { lazy_start: true });
    const screen = await client.connect(`${sandbox}/pty/${body.id}`);
    for (const letter of 'echo <a-quick-brown-fox>'.replaceAll(/[<>]/g, '"')) screen.type(letter);
    screen.type('\r');
    await screen.shows(/\na-quick-brown-fox/);
  });

  it('shows all of a large output, in order', async () => {
    const screen = await open();
    screen.clear();
    screen.type('stty -onlcr; seq 1 700000 | sha256sum; seq 1 700000; echo e"n"d\r');
    await screen.shows(/\nend\n/, 60_000);
    const start = screen.text.indexOf('-\n') + 2;
    const output = screen.text.slice(start, screen.text.indexOf('\nend') + 1);
    expect(screen.text).toContain(createHash('sha256').update(output).digest('hex'));
  });

  it('ends with the exit code of its shell, which can be asked for afterwards', async () => {
    const screen = await open();
    screen.type('exit 3\r');
    expect(await screen.closed).toBe(1000);
    const { body } = await client.call('GET', screen.session);
    expect(body).toMatchObject({ active: false, exit_code: 3 });
    const late = await client.connect(screen.session);
    expect(await late.closed).toBe(1000);
    expect(late.text).toContain('exit 3');
  });

  it('replays what was shown to a second connection, and shows both what comes', async () => {
    const one = await open();
    await one.ask('echo first', /\nfirst/);
    const two = await client.connect(one.session);
    await two.shows(/\nfirst/);
    one.type('echo sec""ond\r');
    await Promise.all([one.shows(/\nsecond/), two.shows(/\nsecond/)]);
    two.type('echo th""ird\r');
    await Promise.all([one.shows(/\nthird/), two.shows(/\nthird/)]);
  });

  it('replays the last two megabytes and no more', async () => {
    const screen = await open();
    await screen.ask('seq 1 1000000; echo e"n"d', /\nend/);
    const again = await client.connect(screen.session);
    await again.shows(/\nend/);
    expect(again.text.length).toBeLessThanOrEqual(2 * 1024 * 1024 + 200);
    expect(again.text.length).toBeGreaterThan(2 * 1024 * 1024 - 8192);
    expect(again.text).toMatch(/^\d+\r\n/);
  });

  it('starts its shell at the first connection when it is lazy', async () => {
    const { body } = await client.call('POST', `${sandbox}/pty`, { lazy_start: true, cols: 80, rows: 24 });
    expect(body).toMatchObject({ active: true, lazy_start: true });
    const session = `${sandbox}/pty/${body.id}`;
    const shells = () => client.run(sandbox, 'pgrep -c script');
    const before = await shells();
    await client.call('POST', `${session}/resize`, { cols: 99, rows: 33 });
    const screen = await (await client.connect(session)).prompt();
    expect(await screen.ask('stty size', /\n(\d+ \d+)/)).toBe('33 99');
    expect(Number(await shells())).toBe(Number(before) + 1);
  });

  it('is killed with everything in it when it is deleted', async () => {
    const screen = await open();
    await screen.ask('nohup sleep 777 >/dev/null 2>&1 & sleep 778 & echo e"n"d', /\nend/);
    expect((await client.call('DELETE', screen.session)).status).toBe(204);
    expect(await screen.closed).toBe(1000);
    expect((await client.call('GET', screen.session)).status).toBe(404);
    await eventually(async () => expect(await client.run(sandbox, 'pgrep -fc "[s]leep 77"')).toBe('0\n'));
  });

  it('holds its shell up for a slow reader, loses nothing, and slows neither another terminal nor the engine', async () => {
    const [slow, quick] = await Promise.all([open(), open()]);
    slow.clear();
    slow.socket.pause();
    slow.type('seq 1 3000000; echo e"n"d\r');
    await delay(500);
    await quick.ask('seq 1 300000; echo quick-as-""ever', /\nquick-as-ever/);
    await client.call('DELETE', await client.create());
    // All this while the slow one is stuck.
    expect(await client.run(sandbox, 'pgrep -c -x seq')).toBe('1\n');
    slow.socket.resume();
    await slow.shows(/\nend/, 60_000);
    const lines = slow.text.split('\r\n').filter((line) => /^\d+$/.test(line));
    expect(lines).toHaveLength(3_000_000);
  });

  it('goes on without a reader that takes nothing while another one waits, and shows it later what it missed', async () => {
    const live = await open();
    const frozen = await client.connect(live.session);
    frozen.socket.pause();
    live.type('seq 1 700000; echo e"n"d\r');
    await live.shows(/\nend/, 50_000);
    frozen.socket.resume();
    expect(await frozen.closed).toBe(1013);
    const again = await client.connect(live.session);
    await Promise.all([live.prompt(), again.prompt()]);
    expect(again.text.length).toBeGreaterThan(2 * 1024 * 1024 - 8192);
    expect(live.text.endsWith(again.text)).toBe(true);
  });

  it('waits for a reader that is slow, however long, and loses nothing for it or another', async () => {
    const live = await open();
    const slow = await client.connect(live.session);
    await slow.prompt();
    for (const screen of [live, slow]) screen.clear();
    // A few hundred kilobytes in a second, so that it holds the shell up for longer than one that takes nothing may.
    let taken = 0;
    slow.socket.on('message', (data: Buffer) => {
      taken += data.length;
      if (taken < 65_536) return;
      taken = 0;
      slow.socket.pause();
      setTimeout(() => slow.socket.resume(), 200);
    });
    live.type('seq 1 500000; echo e"n"d\r');
    await Promise.all([live.shows(/\nend/, 50_000), slow.shows(/\nend/, 50_000)]);
    await Promise.all([live.prompt(), slow.prompt()]);
    expect(slow.text === live.text).toBe(true);
    expect(live.text.split('\r\n').filter((line) => /^\d+$/.test(line))).toHaveLength(500_000);
  });

  it('does not keep the processor busy while a program does not read', async () => {
    const screen = await open();
    screen.type('stty raw -echo; sleep 2; stty sane; echo e"n"d\r');
    await delay(500);
    const before = processorTime(engine.pid);
    screen.type('x'.repeat(1_000_000));
    await delay(1000);
    // In ticks of 10 ms.
    expect(processorTime(engine.pid) - before).toBeLessThan(50);
    await screen.shows(/\nend/);
  });
});
