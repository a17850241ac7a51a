/**
 * What Leap0 answers, decoded into our own spelling. Both revisions pass: `memory` and `memory_mib`, `timeout`
 * (seconds) and `timeout_min`, `disk` and `disk_mib`; times as RFC 3339 text or Unix seconds. Source: leap0.md,
 * leap0-openapi.yaml. Unknown fields pass; a missing required one is an issue that names the field.
 */
import * as v from 'valibot';
import { withoutNote } from './cutOutput.ts';

const optionalNumber = v.nullish(v.number());

/** A moment, in milliseconds since 1970. */
const moment = v.pipe(
  v.union([
    v.number(),
    v.pipe(
      v.string(),
      v.check((text) => !Number.isNaN(Date.parse(text)), 'is not a time'),
    ),
  ]),
  v.transform((value) => (typeof value === 'number' ? value * 1000 : Date.parse(value))),
);

/** A sandbox as create, get, pause, stop, start and list answer it; a list carries only the first fields. */
export const sandbox = v.pipe(
  v.looseObject({
    id: v.pipe(v.string(), v.minLength(1)),
    state: v.string(),
    template_id: v.nullish(v.string()),
    template_name: v.nullish(v.string()),
    created_at: v.nullish(moment),
    launch_time: v.nullish(moment),
    state_change_time: v.nullish(moment),
    timeout_at: v.nullish(moment),
    vcpu: optionalNumber,
    memory: optionalNumber,
    memory_mib: optionalNumber,
    disk: optionalNumber,
    disk_mib: optionalNumber,
    timeout: optionalNumber,
    timeout_min: optionalNumber,
    auto_pause: v.nullish(v.boolean()),
    network_policy: v.nullish(v.looseObject({ mode: v.string() })),
    /** The local engine's own: what a sandbox lacks on this machine, as sentences. */
    warnings: v.nullish(v.array(v.string())),
  }),
  v.transform((wire) => ({
    id: wire.id,
    state: wire.state,
    template: wire.template_name ?? undefined,
    templateId: wire.template_id ?? undefined,
    createdAt: wire.created_at ?? undefined,
    launchedAt: wire.launch_time ?? undefined,
    timeoutAt: wire.timeout_at ?? undefined,
    vcpu: wire.vcpu ?? undefined,
    memoryMib: wire.memory ?? wire.memory_mib ?? undefined,
    diskMib: wire.disk ?? wire.disk_mib ?? undefined,
    timeoutSeconds:
      wire.timeout ?? (typeof wire.timeout_min === 'number' ? wire.timeout_min * 60 : undefined),
    autoPause: wire.auto_pause ?? undefined,
    network: wire.network_policy?.mode,
    warnings: wire.warnings ?? undefined,
  })),
);
export type SandboxAnswer = v.InferOutput<typeof sandbox>;

export const sandboxList = v.looseObject({ items: v.array(sandbox), total_items: v.number() });

export const snapshot = v.pipe(
  v.looseObject({
    id: v.pipe(v.string(), v.minLength(1)),
    name: v.string(),
    template_id: v.nullish(v.string()),
    template_name: v.nullish(v.string()),
    created_at: v.nullish(moment),
    vcpu: optionalNumber,
    memory: optionalNumber,
    memory_mib: optionalNumber,
    disk: optionalNumber,
    disk_mib: optionalNumber,
    network_policy: v.nullish(v.looseObject({ mode: v.string() })),
  }),
  v.transform((wire) => ({
    id: wire.id,
    name: wire.name,
    createdAt: wire.created_at ?? undefined,
    template: wire.template_name ?? undefined,
    templateId: wire.template_id ?? undefined,
    vcpu: wire.vcpu ?? undefined,
    memoryMib: wire.memory ?? wire.memory_mib ?? undefined,
    diskMib: wire.disk ?? wire.disk_mib ?? undefined,
    network: wire.network_policy?.mode,
  })),
);
export type SnapshotAnswer = v.InferOutput<typeof snapshot>;

export const snapshotList = v.looseObject({ items: v.array(snapshot), total_items: v.number() });

/** It will be opened in a browser, so it is nothing but a web page's address. */
const webUrl = v.pipe(
  v.string(),
  v.url('is no URL'),
  v.check((url) => URL.parse(url)?.protocol === 'https:', 'is no https URL'),
);

export const presignedUrl = v.pipe(
  v.looseObject({
    id: v.pipe(v.string(), v.minLength(1)),
    token: v.string(),
    url: webUrl,
    port: v.number(),
    expires_at: moment,
  }),
  v.transform((wire) => ({
    id: wire.id,
    token: wire.token,
    url: wire.url,
    port: wire.port,
    expiresAt: wire.expires_at,
  })),
);
export type PresignedUrlAnswer = v.InferOutput<typeof presignedUrl>;

export const execution = v.pipe(
  v.looseObject({
    exit_code: v.number(),
    stdout: v.string(),
    stderr: v.string(),
    /** The local engine's own: how many bytes it has left out. */
    stdout_cut: optionalNumber,
    stderr_cut: optionalNumber,
  }),
  v.transform(({ exit_code, stdout, stderr, stdout_cut, stderr_cut }) => ({
    exitCode: exit_code,
    stdout: withoutNote(stdout, stdout_cut ?? 0),
    stderr: withoutNote(stderr, stderr_cut ?? 0),
    stdoutCut: stdout_cut ?? 0,
    stderrCut: stderr_cut ?? 0,
  })),
);

export const ptySession = v.pipe(
  v.looseObject({
    id: v.pipe(v.string(), v.minLength(1)),
    cwd: v.nullish(v.string()),
    cols: optionalNumber,
    rows: optionalNumber,
    created_at: v.nullish(moment),
    active: v.boolean(),
    lazy_start: v.nullish(v.boolean()),
    exit_code: optionalNumber,
  }),
  v.transform((wire) => ({
    id: wire.id,
    cwd: wire.cwd ?? undefined,
    createdAt: wire.created_at ?? undefined,
    active: wire.active,
    lazyStart: wire.lazy_start ?? false,
    exitCode: wire.exit_code ?? undefined,
  })),
);
export type PtySessionAnswer = v.InferOutput<typeof ptySession>;

export const ptySessionList = v.looseObject({ items: v.array(ptySession) });

/** An SSH access as create and regen answer it. */
export const sshAccess = v.pipe(
  v.looseObject({
    /** The user name. */
    id: v.pipe(v.string(), v.minLength(1)),
    password: v.pipe(v.string(), v.minLength(1)),
    expires_at: v.nullish(moment),
    ssh_command: v.string(),
  }),
  v.transform((wire) => ({
    id: wire.id,
    password: wire.password,
    expiresAt: wire.expires_at ?? undefined,
    command: wire.ssh_command,
  })),
);
export type SshAccessAnswer = v.InferOutput<typeof sshAccess>;

export const sshValidation = v.looseObject({ valid: v.boolean() });

/** The body of an error; 400 adds `errors`. */
export const errorBody = v.looseObject({
  message: v.string(),
  errors: v.optional(v.array(v.looseObject({ field: v.string(), error: v.string() }))),
});
