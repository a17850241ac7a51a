/**
 * What Leap0 answers, decoded into our own spelling. All revisions pass: `memory` and `memory_mib`, `timeout`
 * (seconds) and `timeout_min`, `disk` and `disk_mib`; times as RFC 3339 text or Unix seconds. Source: leap0.md,
 * leap0-openapi.yaml, leap0-dev/leap0-js and leap0-python. Unknown fields pass. One that is missing or null passes, too,
 * where it can be done without, and counts as what the SDKs take in its place. What identifies a thing, or lets it be
 * used, is required: its absence is an issue that names the field.
 */
import * as v from 'valibot';
import { withoutNote } from './cutOutput.ts';
import { spellingOf } from './spelling.ts';

const needed = v.pipe(v.string(), v.minLength(1, 'is empty'));
const optionalNumber = v.nullish(v.number());
const optionalText = v.nullish(v.string());
const optionalBoolean = v.nullish(v.boolean());
const networkPolicy = v.nullish(v.looseObject({ mode: optionalText }));

/** How Go writes a time that was not set. */
const goZero = /^0001-01-01T00:00:00(\.0+)?Z$/;
const isUnset = (time: string | number) => !time || (typeof time === 'string' && goZero.test(time));

/** A moment, in milliseconds since 1970; nothing where it was not set. */
const moment = v.pipe(
  v.nullish(
    v.union([
      v.number(),
      v.pipe(
        v.string(),
        v.check((text) => isUnset(text) || !Number.isNaN(Date.parse(text)), 'is not a time'),
      ),
    ]),
  ),
  v.transform((time) => {
    if (time === undefined || time === null || isUnset(time)) return undefined;
    return typeof time === 'number' ? time * 1000 : Date.parse(time);
  }),
);

/** An object in which the oldest services call the ID by another name. */
const withIdNamed = (name: string) =>
  v.pipe(
    v.looseObject({}),
    v.transform((wire): Record<string, unknown> => ({ ...wire, id: wire['id'] ?? wire[name] })),
  );

/** What sandboxes and snapshots have in common. */
const sized = {
  template_id: optionalText,
  template_name: optionalText,
  created_at: moment,
  vcpu: optionalNumber,
  memory: optionalNumber,
  memory_mib: optionalNumber,
  disk: optionalNumber,
  disk_mib: optionalNumber,
  network_policy: networkPolicy,
};
const sizedWire = v.looseObject(sized);

const toSized = (wire: v.InferOutput<typeof sizedWire>) => ({
  template: wire.template_name ?? undefined,
  templateId: wire.template_id ?? undefined,
  createdAt: wire.created_at,
  vcpu: wire.vcpu ?? undefined,
  memoryMib: wire.memory ?? wire.memory_mib ?? undefined,
  diskMib: wire.disk ?? wire.disk_mib ?? undefined,
  network: wire.network_policy?.mode ?? undefined,
});

/** A sandbox as create, get, pause, stop, start and list answer it; a list carries only the first fields. */
export const sandbox = v.pipe(
  v.looseObject({
    id: needed,
    state: optionalText,
    ...sized,
    launch_time: moment,
    timeout_at: moment,
    timeout: optionalNumber,
    timeout_min: optionalNumber,
    auto_pause: optionalBoolean,
    /** The local engine's own: what a sandbox lacks on this machine, as sentences. */
    warnings: v.nullish(v.array(v.string())),
  }),
  v.transform((wire) => ({
    ...toSized(wire),
    id: wire.id,
    state: wire.state || 'starting',
    launchedAt: wire.launch_time,
    timeoutAt: wire.timeout_at,
    timeoutSeconds:
      wire.timeout ?? (typeof wire.timeout_min === 'number' ? wire.timeout_min * 60 : undefined),
    autoPause: wire.auto_pause ?? undefined,
    warnings: wire.warnings ?? undefined,
    spelling: spellingOf(wire),
  })),
);
export type SandboxAnswer = v.InferOutput<typeof sandbox>;

/** A page of a list. One that has nothing in it may be without `items`, but not without everything. */
const pageOf = <Item extends v.GenericSchema>(item: Item) =>
  v.pipe(
    v.looseObject({}),
    v.transform((wire): Record<string, unknown> => ('total_items' in wire ? { items: null, ...wire } : wire)),
    v.looseObject({ items: v.nullable(v.array(item)), total_items: optionalNumber }),
    v.transform(({ items, total_items }) => ({ items: items ?? [], total: total_items ?? undefined })),
  );

export const sandboxList = pageOf(sandbox);

export const snapshot = v.pipe(
  withIdNamed('snapshot_id'),
  v.looseObject({ id: needed, name: needed, ...sized }),
  v.transform((wire) => ({ ...toSized(wire), id: wire.id, name: wire.name })),
);
export type SnapshotAnswer = v.InferOutput<typeof snapshot>;

export const snapshotList = pageOf(snapshot);

/** It will be opened in a browser, so it is nothing but a web page's address. */
const webUrl = v.pipe(
  v.string(),
  v.url('is no URL'),
  v.check((url) => URL.parse(url)?.protocol === 'https:', 'is no https URL'),
);

export const presignedUrl = v.pipe(
  v.looseObject({ id: needed, token: optionalText, url: webUrl, port: optionalNumber, expires_at: moment }),
  v.transform((wire) => ({
    id: wire.id,
    token: wire.token ?? undefined,
    url: wire.url,
    port: wire.port ?? undefined,
    expiresAt: wire.expires_at,
  })),
);
export type PresignedUrlAnswer = v.InferOutput<typeof presignedUrl>;

/** Older services answer the output as `result` only. */
export const execution = v.pipe(
  v.looseObject({
    exit_code: optionalNumber,
    stdout: optionalText,
    stderr: optionalText,
    result: optionalText,
    /** The local engine's own: how many bytes it has left out. */
    stdout_cut: optionalNumber,
    stderr_cut: optionalNumber,
  }),
  v.transform(({ exit_code, stdout, stderr, result, stdout_cut, stderr_cut }) => ({
    exitCode: exit_code ?? 0,
    stdout: withoutNote(stdout ?? result ?? '', stdout_cut ?? 0),
    stderr: withoutNote(stderr ?? '', stderr_cut ?? 0),
    stdoutCut: stdout_cut ?? 0,
    stderrCut: stderr_cut ?? 0,
  })),
);

export const ptySession = v.pipe(
  withIdNamed('session_id'),
  v.looseObject({
    id: needed,
    cwd: optionalText,
    created_at: moment,
    active: optionalBoolean,
    lazy_start: optionalBoolean,
    exit_code: optionalNumber,
  }),
  v.transform((wire) => ({
    id: wire.id,
    cwd: wire.cwd || undefined,
    createdAt: wire.created_at,
    active: wire.active ?? false,
    lazyStart: wire.lazy_start ?? false,
    exitCode: wire.exit_code ?? undefined,
  })),
);
export type PtySessionAnswer = v.InferOutput<typeof ptySession>;

export const ptySessionList = v.pipe(
  v.looseObject({ items: v.nullish(v.array(ptySession)) }),
  v.transform(({ items }) => items ?? []),
);

/** An SSH access as create and regen answer it. */
export const sshAccess = v.pipe(
  v.looseObject({
    /** The user name. */
    id: needed,
    password: needed,
    expires_at: moment,
    ssh_command: needed,
  }),
  v.transform((wire) => ({
    id: wire.id,
    password: wire.password,
    expiresAt: wire.expires_at,
    command: wire.ssh_command,
  })),
);
export type SshAccessAnswer = v.InferOutput<typeof sshAccess>;

export const sshValidation = v.pipe(
  v.looseObject({ valid: optionalBoolean }),
  v.transform(({ valid }) => valid ?? false),
);

/** The body of an error; 400 adds `errors`. */
export const errorBody = v.pipe(
  v.looseObject({
    message: optionalText,
    // Whatever they are, the message is worth more.
    errors: v.fallback(v.nullish(v.array(v.looseObject({ field: optionalText, error: optionalText }))), null),
  }),
  v.transform(({ message, errors }) => ({
    message: message || undefined,
    fields: (errors ?? []).flatMap(({ field, error }) =>
      field || error ? { field: field ?? '', error: error ?? '' } : [],
    ),
  })),
);
