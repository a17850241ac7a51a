import type { Sandbox } from './sandbox.ts';

/** The words beside a sandbox's name, such as `running · 4 min left · 2 vCPU · 1 GiB`. */
export function describe(sandbox: Sandbox, now: number): string {
  return [
    sandbox.state,
    // What is urgent first: a narrow sidebar cuts the end off.
    timeLeft(sandbox, now),
    sandbox.vcpu === undefined ? undefined : `${sandbox.vcpu} vCPU`,
    sandbox.memoryMib === undefined ? undefined : formatMib(sandbox.memoryMib),
    sandbox.network === 'deny-all' ? 'no network' : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/**
 * How long a running sandbox still has, such as `4 min left`; nothing when that is not known. A service may be late in
 * ending one, or nobody has asked since.
 */
export function timeLeft(sandbox: Sandbox, now: number): string | undefined {
  if (sandbox.state !== 'running' || sandbox.endsAt === undefined) return undefined;
  const minutes = Math.ceil((sandbox.endsAt - now) / 60_000);
  if (minutes <= 0) return 'time is over';
  if (minutes <= 1) return 'under 1 min left';
  return `${formatMinutes(minutes)} left`;
}

/** Minutes in words, such as `45 min`, `2 h` or `7 h 30 min`. */
export function formatMinutes(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours > 0 ? `${hours} h` : '', rest > 0 || hours === 0 ? `${rest} min` : '']
    .filter(Boolean)
    .join(' ');
}

/** A size in words, such as `512 MiB` or `1.5 GiB`. */
export function formatMib(mib: number): string {
  return mib < 1024 ? `${mib} MiB` : `${Number((mib / 1024).toFixed(1))} GiB`;
}
