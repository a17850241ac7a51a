// What our channel adds to a keystroke's way to the engine's shell and back.
import { WebSocket } from 'ws';
import { engineEndpoint } from '../../src/providers/local/connection.ts';
import { median, small, withLocalEngine } from './localEngine.mts';
import type { Report } from './run.mts';

const keystrokes = 1_000;

/** Types one byte and waits until it is back. */
type Echo = () => Promise<void>;

export default async function echo(report: Report): Promise<void> {
  await withLocalEngine(async (provider, options) => {
    const { id } = await provider.create({ ...small, template: provider.createLimits.templates[0] ?? '' });
    const sessionId = async () => (await provider.terminals?.create(id, { cols: 80, rows: 24 }))?.id ?? '';

    const channel = await provider.terminals?.connect(id, await sessionId());
    if (!channel) throw new Error('The engine has no terminals');
    const bare = await connectBare(options, id, await sessionId());
    const ours = await echoing(
      (bytes) => channel.write(bytes),
      (listener) => channel.onData(listener),
      () => channel.resume(),
    );
    const theirs = await echoing(
      (bytes) => bare.send(bytes),
      (listener) => bare.on('message', listener),
    );
    report('keystroke echo beside a bare WebSocket', await difference(ours, theirs));
    channel.close();
    bare.close();
  });
}

async function connectBare(options: Parameters<typeof engineEndpoint>[0], id: string, sessionId: string) {
  const { socketPath, headers } = await engineEndpoint(options)();
  const path = `/v1/sandbox/${id}/pty/${sessionId}/connect`;
  const socket = new WebSocket(`ws+unix:${socketPath}:${path}`, { headers, perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

/** Has the shell of a session give back every byte as it comes. */
async function echoing(
  send: (bytes: Uint8Array) => void,
  listen: (listener: (bytes: Uint8Array) => void) => unknown,
  begin = () => {},
): Promise<Echo> {
  let heard: (text: string) => void = () => {};
  listen((bytes) => heard(Buffer.from(bytes).toString()));
  const until = (text: string) =>
    new Promise<void>((resolve) => {
      let seen = '';
      heard = (more) => {
        seen += more;
        if (seen.includes(text)) resolve();
      };
    });
  const ready = until('ready\r\n');
  begin();
  send(Buffer.from("stty raw -echo; printf 'rea''dy\\r\\n'; exec cat\n"));
  await ready;
  return async () => {
    const back = until('k');
    send(Buffer.from('k'));
    await back;
  };
}

/** The difference of the medians, in milliseconds; the two take turns, so that both meet the same noise. */
async function difference(ours: Echo, theirs: Echo): Promise<number> {
  const times: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] };
  for (let keystroke = 0; keystroke < keystrokes; keystroke++) {
    times.ours.push(await timed(ours));
    times.theirs.push(await timed(theirs));
  }
  return median(times.ours) - median(times.theirs);
}

async function timed(task: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}
