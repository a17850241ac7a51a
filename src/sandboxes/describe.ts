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
  const { state, endsAt, timeoutSeconds = Infinity } = sandbox;
  if (state !== 'running' || endsAt === undefined) return undefined;
  // By a clock that is behind that of its service it would seem to have more.
  const leftMs = Math.min(endsAt - now, timeoutSeconds * 1000);
  if (leftMs <= 0) return 'time is over';
  const minutes = minutesOf(leftMs);
  return minutes <= 1 ? 'under 1 min left' : `${formatMinutes(minutes)} left`;
}

/**
 * A time that is left in minutes, rounded up from whole seconds: services give an end in whole seconds, and may have
 * rounded it up themselves.
 */
export const minutesOf = (leftMs: number): number => Math.ceil(Math.floor(leftMs / 1000) / 60);

/** Whole minutes in words, such as `45 min`, `2 h` or `7 h 30 min`. */
export const formatMinutes = (minutes: number): string => formatSeconds(minutes * 60);

/** Whole seconds in words, such as `1 min 30 s`. */
export function formatSeconds(seconds: number): string {
  const parts: [amount: number, unit: string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  return parts.flatMap(([amount, unit]) => (amount > 0 ? `${amount} ${unit}` : [])).join(' ');
}

/** A size in words, such as `512 MiB` or `1.5 GiB`. */
export function formatMib(mib: number): string {
  return mib < 1024 ? `${mib} MiB` : `${Number((mib / 1024).toFixed(1))} GiB`;
}
