/**
 * What Leap0 accepts, in both spellings: revision A (`memory_mib`, `timeout_min`) and revision B (`memory`,
 * `timeout` in seconds). Source: Leap0's OpenAPI document. Unknown fields pass, and a field that is null is as good as
 * missing: clients send both.
 */
import * as v from 'valibot';
import { limits } from './limits.ts';

const integerBetween = (range: { min: number; max: number }) =>
  v.pipe(
    v.number(`must be a number`),
    v.integer('must be a whole number'),
    v.minValue(range.min, `must be between ${range.min} and ${range.max}`),
    v.maxValue(range.max, `must be between ${range.min} and ${range.max}`),
  );

const memory = v.pipe(
  integerBetween(limits.memoryMib),
  v.multipleOf(limits.memoryMib.step, 'must be an even number of MiB'),
);

const stringMap = v.record(v.string(), v.string());

const transformRule = v.looseObject({
  domain: v.string(),
  inject_headers: v.nullish(stringMap),
  strip_headers: v.nullish(v.array(v.string())),
});

export const networkPolicy = v.looseObject({
  mode: v.picklist(['allow-all', 'deny-all', 'custom'], 'must be allow-all, deny-all or custom'),
  allow_domains: v.nullish(v.pipe(v.array(v.string()), v.maxLength(limits.allowDomains))),
  allow_cidrs: v.nullish(v.pipe(v.array(v.string()), v.maxLength(limits.allowCidrs))),
  transforms: v.nullish(v.pipe(v.array(transformRule), v.maxLength(limits.transforms))),
});
export type NetworkPolicyWire = v.InferOutput<typeof networkPolicy>;

function timeoutSeconds(wire: {
  timeout?: number | null | undefined;
  timeout_min?: number | null | undefined;
}): number {
  return wire.timeout ?? (wire.timeout_min ? wire.timeout_min * 60 : limits.timeoutSeconds.default);
}

export const createRequest = v.pipe(
  v.looseObject({
    template_name: v.nullish(
      v.pipe(
        v.string(),
        v.minLength(limits.templateName.minLength, 'must have 1 to 64 characters'),
        v.maxLength(limits.templateName.maxLength, 'must have 1 to 64 characters'),
      ),
      limits.templateName.default,
    ),
    vcpu: v.nullish(integerBetween(limits.vcpu), limits.vcpu.default),
    memory: v.nullish(memory),
    memory_mib: v.nullish(memory),
    timeout: v.nullish(integerBetween(limits.timeoutSeconds)),
    timeout_min: v.nullish(integerBetween(limits.timeoutMinutes)),
    auto_pause: v.nullish(v.boolean(), false),
    env_vars: v.nullish(stringMap, {}),
    mounts: v.nullish(v.array(v.unknown()), []),
    network_policy: v.nullish(networkPolicy),
  }),
  v.transform((wire) => ({
    templateName: wire.template_name,
    vcpu: wire.vcpu,
    memoryMib: wire.memory ?? wire.memory_mib ?? limits.memoryMib.default,
    timeoutSeconds: timeoutSeconds(wire),
    autoPause: wire.auto_pause,
    envVars: wire.env_vars,
    mounts: wire.mounts,
    networkPolicy: wire.network_policy ?? undefined,
  })),
);
export type CreateRequest = v.InferOutput<typeof createRequest>;

export const executeRequest = v.looseObject({
  command: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
  cwd: v.nullish(v.string()),
  envs: v.nullish(stringMap, {}),
  /** Seconds. 0 is as good as none, and one that outlasts every sandbox is cut to that. */
  timeout: v.pipe(
    v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0, 'must not be negative')), 0),
    v.transform((seconds) => Math.min(seconds || 30, limits.timeoutSeconds.max)),
  ),
});
export type ExecuteRequest = v.InferOutput<typeof executeRequest>;

export const sshValidateRequest = v.looseObject({
  /** Only in revision A; revision B has it in the path. */
  id: v.nullish(v.string()),
  password: v.string(),
});

const cells = integerBetween({ min: 1, max: 10_000 });

export const ptyCreateRequest = v.looseObject({
  id: v.nullish(
    v.pipe(
      v.string(),
      v.minLength(limits.sessionId.minLength, 'must have 1 to 128 characters'),
      v.maxLength(limits.sessionId.maxLength, 'must have 1 to 128 characters'),
    ),
  ),
  cwd: v.nullish(v.string()),
  envs: v.nullish(stringMap, {}),
  cols: v.nullish(cells, 80),
  rows: v.nullish(cells, 24),
  lazy_start: v.nullish(v.boolean(), false),
});
export type PtyCreateRequest = v.InferOutput<typeof ptyCreateRequest>;

export const ptyResizeRequest = v.looseObject({ cols: cells, rows: cells });

const paging = {
  'order-by': v.optional(v.picklist(['asc', 'desc']), 'desc'),
  page: v.optional(v.pipe(v.string(), v.toNumber(), integerBetween({ min: 1, max: 1_000_000 })), '1'),
  'page-size': v.optional(v.pipe(v.string(), v.toNumber(), integerBetween({ min: 1, max: 100 })), '20'),
};

export const listQuery = v.looseObject({
  state: v.optional(v.string()),
  sort: v.optional(v.picklist(['created_at', 'state']), 'created_at'),
  ...paging,
});

export const snapshotListQuery = v.looseObject({
  query: v.optional(v.pipe(v.string(), v.maxLength(64, 'must have at most 64 characters')), ''),
  sort: v.optional(v.picklist(['created_at', 'template_id']), 'created_at'),
  ...paging,
});

const snapshotName = v.pipe(
  v.string(),
  v.minLength(limits.snapshotName.minLength, 'must have 1 to 64 characters'),
  v.maxLength(limits.snapshotName.maxLength, 'must have 1 to 64 characters'),
  v.regex(/^\P{Cc}+$/u, 'must not hold control characters'),
);

export const snapshotCreateRequest = v.looseObject({
  name: v.nullish(snapshotName),
  kill_sandbox_after: v.nullish(v.boolean(), false),
});
export type SnapshotCreateRequest = v.InferOutput<typeof snapshotCreateRequest>;

export const snapshotRestoreRequest = v.pipe(
  v.looseObject({
    snapshot_name: v.string(),
    timeout: v.nullish(integerBetween(limits.timeoutSeconds)),
    timeout_min: v.nullish(integerBetween(limits.timeoutMinutes)),
    auto_pause: v.nullish(v.boolean(), false),
    network_policy: v.nullish(networkPolicy),
  }),
  v.transform((wire) => ({
    snapshotName: wire.snapshot_name,
    timeoutSeconds: timeoutSeconds(wire),
    autoPause: wire.auto_pause,
    networkPolicy: wire.network_policy ?? undefined,
  })),
);
export type SnapshotRestoreRequest = v.InferOutput<typeof snapshotRestoreRequest>;

/** A path in a sandbox; a slash at its end makes no difference. */
export const filePath = v.pipe(
  v.string('must be a path'),
  v.startsWith('/', 'must be an absolute path'),
  v.maxBytes(4095, 'must have at most 4095 bytes'),
  v.excludes('\0', 'must not hold a NUL'),
  v.transform((path) => path.replace(/\/+$/, '') || '/'),
);

/** Octal, such as `755` or `0644`. */
const fileMode = v.pipe(v.string(), v.regex(/^0?[0-7]{3,4}$/, 'must be an octal mode, such as 644'));

const globPattern = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(1024, 'must have at most 1024 characters'),
  v.excludes('\0', 'must not hold a NUL'),
);
const exclude = v.nullish(v.pipe(v.array(globPattern), v.maxLength(100, 'must be at most 100')), []);
const count = integerBetween({ min: 0, max: Number.MAX_SAFE_INTEGER });

export const lsRequest = v.looseObject({
  path: filePath,
  recursive: v.nullish(v.boolean(), false),
  exclude,
});

/** Of `stat` and `exists`. */
export const pathRequest = v.looseObject({ path: filePath });

export const mkdirRequest = v.looseObject({
  path: filePath,
  recursive: v.nullish(v.boolean(), false),
  permissions: v.nullish(fileMode),
});

/** The query of `write-file`; its body is the file. */
export const writeFileQuery = v.looseObject({ path: filePath, permissions: v.optional(fileMode) });

export const readFileRequest = v.pipe(
  v.looseObject({
    path: filePath,
    /** Bytes. */
    offset: v.nullish(count),
    limit: v.nullish(count),
    /** Lines. */
    head: v.nullish(count),
    tail: v.nullish(count),
  }),
  v.forward(
    v.partialCheck(
      [['head'], ['tail']],
      ({ head, tail }) => typeof head !== 'number' || typeof tail !== 'number',
      'must not be given together with head',
    ),
    ['tail'],
  ),
);
export type ReadFileRequest = v.InferOutput<typeof readFileRequest>;

const filePaths = v.pipe(
  v.array(filePath),
  v.minLength(1, 'must hold at least one path'),
  v.maxLength(1000, 'must hold at most 1000 paths'),
);

export const readFilesRequest = v.looseObject({ paths: filePaths });

export const deleteRequest = v.looseObject({ path: filePath, recursive: v.nullish(v.boolean(), false) });

const userName = v.pipe(v.string(), v.regex(/^\w[\w.-]{0,63}$/, 'must be a name or a number'));

export const setPermissionsRequest = v.pipe(
  v.looseObject({
    path: filePath,
    mode: v.nullish(fileMode),
    owner: v.nullish(userName),
    group: v.nullish(userName),
  }),
  v.forward(
    v.partialCheck(
      [['mode'], ['owner'], ['group']],
      ({ mode, owner, group }) => Boolean(mode ?? owner ?? group),
      'must be given, unless owner or group is',
    ),
    ['mode'],
  ),
);

export const globRequest = v.looseObject({ path: filePath, pattern: v.nullish(globPattern), exclude });

export const grepRequest = v.looseObject({
  path: filePath,
  pattern: v.pipe(
    v.string('must be given'),
    v.minLength(1, 'must not be empty'),
    v.maxBytes(64 * 1024, 'must have at most 64 KiB'),
    v.excludes('\0', 'must not hold a NUL'),
  ),
  include: v.nullish(globPattern),
  exclude,
});
export type GrepRequest = v.InferOutput<typeof grepRequest>;

const findText = v.pipe(v.string(), v.minLength(1, 'must not be empty'));

const fileEdit = v.looseObject({ find: findText, replace: v.nullish(v.string()) });
export type FileEdit = v.InferOutput<typeof fileEdit>;

export const editFileRequest = v.looseObject({
  path: filePath,
  edits: v.pipe(v.array(fileEdit), v.minLength(1, 'must hold at least one edit')),
});

export const editFilesRequest = v.looseObject({
  files: filePaths,
  find: findText,
  replace: v.nullish(v.string()),
});

export const moveRequest = v.looseObject({
  src_path: filePath,
  dst_path: filePath,
  overwrite: v.nullish(v.boolean(), false),
});

export const copyRequest = v.looseObject({
  ...moveRequest.entries,
  recursive: v.nullish(v.boolean(), false),
});

export const treeRequest = v.looseObject({ path: filePath, exclude, max_depth: v.nullish(count) });
