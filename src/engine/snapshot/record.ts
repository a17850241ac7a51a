/** What is kept of a snapshot on disk, and how it is answered. */
import * as v from 'valibot';
import { nominalDiskMib, rfc3339, sandboxRecord } from '../sandbox/record.ts';
import { idPattern } from '../storage/id.ts';

const { template, vcpu, memoryMib, envVars, wantedNetwork } = sandboxRecord.entries;

export const snapshotRecord = v.object({
  id: v.pipe(v.string(), v.regex(idPattern('snap'))),
  name: v.string(),
  /** What a sandbox that is made from it takes over. */
  template,
  vcpu,
  memoryMib,
  envVars,
  wantedNetwork,
  /** Milliseconds since 1970. */
  createdAt: v.number(),
});
export type SnapshotRecord = v.InferOutput<typeof snapshotRecord>;

/** Schema `SnapshotCreateResponse` of leap0-openapi.yaml, in the spellings of both revisions. */
export function snapshotAnswer(record: SnapshotRecord): Record<string, unknown> {
  return {
    id: record.id,
    /** What the oldest SDK reads instead. */
    snapshot_id: record.id,
    name: record.name,
    template_id: record.template,
    template_name: record.template,
    vcpu: record.vcpu,
    memory: record.memoryMib,
    memory_mib: record.memoryMib,
    disk: nominalDiskMib,
    disk_mib: nominalDiskMib,
    network_policy: { mode: record.wantedNetwork },
    created_at: rfc3339(record.createdAt),
  };
}
