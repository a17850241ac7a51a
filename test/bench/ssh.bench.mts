// What ssh-proxy costs, beside a password login of the same `ssh` to the same engine. What bounds a copy is its one
// thread, which decrypts and encrypts every byte, while each end does only one of the two.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { EngineHost } from '../contract/ssh/engineHost.ts';
import { OpenSsh } from '../contract/engine/openSsh.ts';
import type { Report } from './run.mts';

const logins = 15;
const copies = 5;
const mebibyte = 1024 * 1024;
const copied = 300 * mebibyte;
const much = 1024 * mebibyte;

type Start = (command: string) => ChildProcess;

export default async function ssh(report: Report): Promise<void> {
  const there = await EngineHost.make();
  const { access } = there.host;
  if (!access) throw new Error('The host has no access');
  const { user, password, host, port } = access;
  const direct = new OpenSsh({ id: user, password, ssh_command: `ssh ${user}@${host} -p ${port}` });
  const ways: Ways = {
    ours: (command) => there.host.startSsh(command),
    // With the cipher that ssh-proxy has to the engine; the one that `ssh` prefers takes more time.
    direct: (command) => direct.start('ssh', ['-c', 'aes128-gcm@openssh.com', 'sandbox', command]),
  };
  try {
    const [ours, theirs] = await inTurns(ways, logins, login);
    report('ssh HOST echo beside a direct login', median(ours) - median(theirs));
    for (const [name, copy] of [
      ['down', down],
      ['up', up],
    ] as const) {
      const [our, their] = await inTurns(ways, copies, (start) => copy(start, copied));
      report(`copy ${name} by ssh-proxy, of a direct copy's speed`, Math.min(...their) / Math.min(...our));
    }
    const memory = async (bytes: number) =>
      Math.max(
        await peak(there, () => down(ways.ours, bytes)),
        await peak(there, () => up(ways.ours, bytes)),
      );
    const [some, most] = [await memory(copied), await memory(much)];
    report('memory of ssh-proxy while 1 GB passes', most);
    report('memory of ssh-proxy at 1 GB, beside 300 MB', most / some);
  } finally {
    direct.dispose();
    await there.dispose();
  }
}

interface Ways {
  readonly ours: Start;
  readonly direct: Start;
}

/** Milliseconds of each, taken in turns so that both meet the same noise; the first of each does not count. */
async function inTurns(
  { ours, direct }: Ways,
  count: number,
  task: (start: Start) => Promise<void>,
): Promise<[ours: number[], direct: number[]]> {
  const times: [number[], number[]] = [[], []];
  for (let nth = 0; nth <= count; nth++) {
    const both = [await timed(() => task(ours)), await timed(() => task(direct))] as const;
    if (nth > 0) times.forEach((each, index) => each.push(both[index] ?? Number.NaN));
  }
  return times;
}

async function timed(task: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

async function login(start: Start): Promise<void> {
  const client = start('echo x');
  client.stdout?.resume();
  await ended(client);
}

async function down(start: Start, bytes: number): Promise<void> {
  const client = start(`head -c ${bytes} /dev/zero`);
  let count = 0;
  client.stdout?.on('data', (chunk: Buffer) => (count += chunk.length));
  await ended(client);
  if (count !== bytes) throw new Error(`${count} bytes came instead of ${bytes}`);
}

async function up(start: Start, bytes: number): Promise<void> {
  const client = start('exec cat >/dev/null');
  client.stdout?.resume();
  const source = spawn('head', ['-c', String(bytes), '/dev/zero'], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (!client.stdin) throw new Error('ssh was started without pipes');
  source.stdout.pipe(client.stdin);
  await ended(client);
}

async function ended(client: ChildProcess): Promise<void> {
  const [code] = await once(client, 'close');
  if (code !== 0) throw new Error(`ssh ended with ${code}`);
}

/** Megabytes that ssh-proxy has had at most, while a task uses it. */
async function peak({ host }: EngineHost, task: () => Promise<void>): Promise<number> {
  let most = 0;
  const look = setInterval(() => {
    for (const pid of host.proxies()) most = Math.max(most, highWater(pid));
  }, 50);
  await task().finally(() => clearInterval(look));
  return most;
}

function highWater(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024 || 0;
  } catch {
    return 0;
  }
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
