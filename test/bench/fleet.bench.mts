// What many sandboxes cost: the processor time of a refresh, and the requests and the pace of several windows.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startSandboxService } from '../tools/sandboxService.mts';
import { Window } from '../tools/window.mts';
import type { Report } from './run.mts';

const refreshes = { warmUp: 8, measured: 21 };
const changes = 10;
const minute = 60_000;

export default async function fleet(report: Report): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const open = async (sandboxes: number, windows: number, starting = 0) => {
    const service = await startSandboxService(sandboxes, starting);
    cleanup.defer(() => service.close());
    const folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-bench-'));
    cleanup.defer(() => rm(folder, { recursive: true }));
    const opened = await Promise.all(
      Array.from({ length: windows }, () => Window.open(folder, service.origin)),
    );
    for (const window of opened) cleanup.defer(() => window.kill());
    return { service, windows: opened };
  };

  const small = (await open(1_000, 1)).windows;
  const large = (await open(5_000, 1)).windows;
  const { thousand, fiveThousand } = await timeRefreshes(small, large);
  report('processor time of a refresh of 1,000 sandboxes', thousand);
  report('the same for 5,000 beside it', fiveThousand / thousand);

  const { service, windows } = await open(5_000, 3, 2);
  for (const window of windows) await window.run('show');
  await delay(minute);
  report('requests in a minute of three windows that show 5,000 sandboxes', service.asked.length);
  report('a change of one window shown in the others', await slowestChange(windows));
}

/** Medians, in milliseconds; the two sizes take turns, so that both meet the same noise. */
async function timeRefreshes([small]: Window[], [large]: Window[]) {
  const times = { thousand: [] as number[], fiveThousand: [] as number[] };
  for (let refresh = 0; refresh < refreshes.warmUp + refreshes.measured; refresh++) {
    times.thousand.push((await small?.run('timeRefresh')) ?? Number.NaN);
    times.fiveThousand.push((await large?.run('timeRefresh')) ?? Number.NaN);
  }
  return { thousand: median(times.thousand), fiveThousand: median(times.fiveThousand) };
}

/** Milliseconds from the click in one window until the last of the others shows what it has done. */
async function slowestChange([first, ...others]: Window[]): Promise<number> {
  let slowest = 0;
  for (let change = 0; change < changes; change++) {
    const started = performance.now();
    const seen = others.map((window) => window.run('seesRow', `^name-${change} paused`));
    await first?.run('pause', `s${change}`);
    await first?.run('rename', `s${change}`, `name-${change}`);
    await Promise.all(seen);
    slowest = Math.max(slowest, performance.now() - started);
  }
  return slowest;
}

function median(values: number[]): number {
  const measured = values.slice(refreshes.warmUp).toSorted((a, b) => a - b);
  return measured[Math.floor(measured.length / 2)] ?? Number.NaN;
}
