import { resolve } from 'node:path';
import type { SuccessfulReading } from './ssh.ts';

/** The files that `ssh` has read, in its order; it reads those that are included for other hosts, too. */
export function filesRead({ trace }: SuccessfulReading): string[] {
  const files = trace.flatMap((line) => /^debug1: Reading configuration data (.+)$/.exec(line)?.[1] ?? []);
  return [...new Set(files)];
}

/** The files that were included; what is in one that is not in force, `ssh` only has a look at. */
export function inclusions({ trace }: SuccessfulReading): { file: string; inForce: boolean }[] {
  const said = trace.map((line) => / line \d+: Including file (.+) depth \d+( \(parse only\))?$/.exec(line));
  return said.flatMap((found) => (found?.[1] ? [{ file: found[1], inForce: found[2] === undefined }] : []));
}

/** Whether `ssh` has come across a file by an `Include` that is in force. */
export const comesAcross = (reading: SuccessfulReading, config: string): boolean =>
  inclusions(reading).some(({ file, inForce }) => inForce && resolve(file) === resolve(config));
