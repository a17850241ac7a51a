/** The ranges that Leap0 documents for creating a sandbox (its OpenAPI document, `SandboxCreateRequest`). */
export const limits = {
  templateName: { minLength: 1, maxLength: 64, default: 'system/debian:bookworm' },
  vcpu: { min: 1, max: 8, default: 1 },
  /** MiB; only even numbers. */
  memoryMib: { min: 512, max: 8192, step: 2, default: 1024 },
  timeoutSeconds: { min: 1, max: 28_800, default: 300 },
  timeoutMinutes: { min: 1, max: 480 },
  allowDomains: 50,
  allowCidrs: 10,
  transforms: 20,
  /** The ID of a PTY session. */
  sessionId: { minLength: 1, maxLength: 128 },
  snapshotName: { minLength: 1, maxLength: 64 },
  /** Bytes of one request or response body. */
  bodyBytes: 10 * 1024 * 1024,
} as const;
