/**
 * What Leap0 accepts, in both spellings: revision A (`memory_mib`, `timeout_min`) and revision B (`memory`,
 * `timeout` in seconds). Source: leap0.md, leap0-openapi.yaml. Unknown fields pass.
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
  inject_headers: v.optional(stringMap),
  strip_headers: v.optional(v.array(v.string())),
});

export const networkPolicy = v.looseObject({
  mode: v.picklist(['allow-all', 'deny-all', 'custom'], 'must be allow-all, deny-all or custom'),
  allow_domains: v.optional(v.pipe(v.array(v.string()), v.maxLength(limits.allowDomains))),
  allow_cidrs: v.optional(v.pipe(v.array(v.string()), v.maxLength(limits.allowCidrs))),
  transforms: v.optional(v.pipe(v.array(transformRule), v.maxLength(limits.transforms))),
});
export type NetworkPolicyWire = v.InferOutput<typeof networkPolicy>;

export const createRequest = v.pipe(
  v.looseObject({
    template_name: v.optional(
      v.pipe(
        v.string(),
        v.minLength(limits.templateName.minLength, 'must have 1 to 64 characters'),
        v.maxLength(limits.templateName.maxLength, 'must have 1 to 64 characters'),
      ),
      limits.templateName.default,
    ),
    vcpu: v.optional(integerBetween(limits.vcpu), limits.vcpu.default),
    memory: v.optional(memory),
    memory_mib: v.optional(memory),
    timeout: v.optional(integerBetween(limits.timeoutSeconds)),
    timeout_min: v.optional(integerBetween(limits.timeoutMinutes)),
    auto_pause: v.optional(v.boolean(), false),
    env_vars: v.optional(stringMap, {}),
    network_policy: v.nullish(networkPolicy),
  }),
  v.transform((wire) => ({
    templateName: wire.template_name,
    vcpu: wire.vcpu,
    memoryMib: wire.memory ?? wire.memory_mib ?? limits.memoryMib.default,
    timeoutSeconds:
      wire.timeout ??
      (wire.timeout_min === undefined ? limits.timeoutSeconds.default : wire.timeout_min * 60),
    autoPause: wire.auto_pause,
    envVars: wire.env_vars,
    networkPolicy: wire.network_policy ?? undefined,
  })),
);
export type CreateRequest = v.InferOutput<typeof createRequest>;

export const executeRequest = v.looseObject({
  command: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
  cwd: v.nullish(v.string()),
  envs: v.optional(stringMap, {}),
  /** Seconds. */
  timeout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 30),
});
export type ExecuteRequest = v.InferOutput<typeof executeRequest>;

const cells = integerBetween({ min: 1, max: 10_000 });

export const ptyCreateRequest = v.looseObject({
  id: v.nullish(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  cwd: v.nullish(v.string()),
  envs: v.optional(stringMap, {}),
  cols: v.optional(cells, 80),
  rows: v.optional(cells, 24),
  lazy_start: v.optional(v.boolean(), false),
});
export type PtyCreateRequest = v.InferOutput<typeof ptyCreateRequest>;

export const ptyResizeRequest = v.looseObject({ cols: cells, rows: cells });

export const listQuery = v.looseObject({
  state: v.optional(v.string()),
  sort: v.optional(v.picklist(['created_at', 'state']), 'created_at'),
  'order-by': v.optional(v.picklist(['asc', 'desc']), 'desc'),
  page: v.optional(v.pipe(v.string(), v.toNumber(), integerBetween({ min: 1, max: 1_000_000 })), '1'),
  'page-size': v.optional(v.pipe(v.string(), v.toNumber(), integerBetween({ min: 1, max: 100 })), '20'),
});
