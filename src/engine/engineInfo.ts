/** `engine.json` in the data folder: how every window finds the engine that runs there. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { version } from '../../package.json';
import { writeWhole } from '../common/wholeFile.ts';

export const engineVersion = version;
/** Raised when a client of an older engine would no longer understand this one. */
export const engineProtocol = 1;

const engineInfo = v.object({
  version: v.string(),
  protocol: v.number(),
  pid: v.number(),
  socketPath: v.string(),
  /** Only with `--listen`. */
  url: v.optional(v.string()),
  tokenFile: v.string(),
  startedAt: v.string(),
});
export type EngineInfo = v.InferOutput<typeof engineInfo>;

export function readEngineInfo(path: string): EngineInfo | undefined {
  try {
    return v.parse(engineInfo, JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeEngineInfo(path: string, info: EngineInfo): Promise<void> {
  await writeWhole(path, `${JSON.stringify(info, undefined, 2)}\n`);
}

/**
 * The first line of stdout, by which a launcher learns where the engine is: by `url` when it asked for a TCP port and
 * the engine has one.
 */
export function launchLine(info: EngineInfo, wantsUrl: boolean): string {
  const address = wantsUrl && info.url !== undefined ? { url: info.url } : { socketPath: info.socketPath };
  return JSON.stringify({ ...address, tokenFile: info.tokenFile });
}
