import { openSync, readdirSync, readFileSync } from 'node:fs';

/** A flag of `/proc/PID/fdinfo`, in octal there: the descriptor does not survive exec. */
const closeOnExec = 0o2000000;

/**
 * What the engine itself was started with. Beyond the first three Node lets its children inherit these, and a file
 * that somebody's launcher had open must not end up in a jail.
 */
const inherited = new Set(inheritedDescriptors());
const nothing = openSync('/dev/null', 'r');

/** The `stdio` of a child that gets these descriptors, and `/dev/null` in the place of every inherited one. */
export function sealed(stdio: ('ignore' | 'pipe')[]): ('ignore' | 'pipe' | number)[] {
  const rest = Array.from({ length: Math.max(...inherited) + 1 }, (_, descriptor) => descriptor).slice(
    stdio.length,
  );
  // Beyond the third, `ignore` leaves the child what it inherits.
  return [...stdio, ...rest.map((descriptor) => (inherited.has(descriptor) ? nothing : 'ignore'))];
}

function inheritedDescriptors(): number[] {
  return [0, 1, 2, ...readdirSync('/proc/self/fd').map(Number).filter(survivesExec)];
}

function survivesExec(descriptor: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0', 8);
    return (flags & closeOnExec) === 0;
  } catch {
    return false;
  }
}
