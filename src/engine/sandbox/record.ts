/** What is kept of a sandbox on disk, and how it is answered. */
import * as v from 'valibot';
import { idPattern } from '../storage/id.ts';

/** Leap0's states. */
const states = [
  'starting',
  'running',
  'snapshotting',
  'paused',
  'unpausing',
  'stopping',
  'stopped',
  'deleting',
] as const;
export type State = (typeof states)[number];

/** What `state` of a list may ask for (leap0-openapi.yaml, `listSandboxes`). */
export const listableStates: readonly string[] = states;

const networkMode = v.picklist(['allow-all', 'deny-all']);
export type NetworkMode = v.InferOutput<typeof networkMode>;

export const sandboxRecord = v.object({
  id: v.pipe(v.string(), v.regex(idPattern('sbx'))),
  template: v.string(),
  vcpu: v.number(),
  memoryMib: v.number(),
  timeoutSeconds: v.number(),
  autoPause: v.boolean(),
  envVars: v.record(v.string(), v.string()),
  /** What was asked for; what it has is in `network`. */
  wantedNetwork: networkMode,
  network: networkMode,
  warnings: v.array(v.string()),
  state: v.picklist(states),
  /** Moments are in milliseconds since 1970. */
  createdAt: v.number(),
  launchedAt: v.number(),
  stateChangedAt: v.number(),
  timeoutAt: v.optional(v.number()),
});
export type SandboxRecord = v.InferOutput<typeof sandboxRecord>;

/** The only template: the host's own read-only `/usr`. */
export const onlyTemplate = 'system/debian:bookworm';

/** A disk is as large as the host's; Leap0's field must hold a number. */
export const nominalDiskMib = 10_240;

/** Schemas `SandboxCreateResponse` and `SandboxStatusResponse`, in the spellings of both revisions. */
export function sandboxAnswer(record: SandboxRecord): Record<string, unknown> {
  return {
    id: record.id,
    template_id: record.template,
    template_name: record.template,
    vcpu: record.vcpu,
    memory: record.memoryMib,
    memory_mib: record.memoryMib,
    disk: nominalDiskMib,
    disk_mib: nominalDiskMib,
    timeout: record.timeoutSeconds,
    timeout_min: Math.ceil(record.timeoutSeconds / 60),
    state: record.state,
    auto_pause: record.autoPause,
    network_policy: { mode: record.network },
    created_at: rfc3339(record.createdAt),
    warnings: record.warnings,
  };
}

/** Schema `SandboxListItem`. */
export function listItem(record: SandboxRecord): Record<string, unknown> {
  return {
    id: record.id,
    template_id: record.template,
    pod_id: 'local',
    state: record.state,
    launch_time: rfc3339(record.launchedAt),
    state_change_time: rfc3339(record.stateChangedAt),
    ...(record.timeoutAt === undefined ? {} : { timeout_at: Math.ceil(record.timeoutAt / 1000) }),
    created_at: rfc3339(record.createdAt),
  };
}

export const rfc3339 = (milliseconds: number) => new Date(milliseconds).toISOString();
