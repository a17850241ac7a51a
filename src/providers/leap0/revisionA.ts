import type { Dialect, SshSet } from './dialect.ts';
import { networkPolicy } from './networkPolicy.ts';
import { resumeSnapshotPath, sandboxPath } from './paths.ts';

/** It keeps one set of credentials for each sandbox, and knows it without its ID. */
const anySet = (sandboxId: string): SshSet => ({
  revoke: { path: `${sandboxPath(sandboxId)}/ssh/access` },
  regenerate: { path: `${sandboxPath(sandboxId)}/ssh/regen` },
});

/**
 * The API as SDK 0.1.0 speaks it: no slash after `/v1/sandbox`, sizes and times with their units in their names, no
 * lists. Source: github.com/leap0-dev/leap0-js 0.1.0, `src/services`.
 */
export const revisionA = {
  revision: 'A',
  lists: false,
  spelling: 'A',
  // There is nothing that every account can read, so it is a sandbox that no account has.
  keyProof: { path: `${sandboxPath('none')}/`, status: 404 },
  verbs: new Set(),
  create: (request) => ({
    path: '/v1/sandbox',
    body: {
      template_name: request.template,
      vcpu: request.vcpu,
      memory_mib: request.memoryMib,
      timeout_min: request.timeoutMinutes,
      auto_pause: request.autoPause,
      env_vars: request.env,
      network_policy: networkPolicy(request.network),
    },
  }),
  createSnapshot: (sandboxId, { name, deleteSandbox }) => ({
    path: `${sandboxPath(sandboxId)}/snapshot/${deleteSandbox ? 'pause' : 'create'}`,
    body: { name },
  }),
  restoreSnapshot: (request) => ({
    path: resumeSnapshotPath,
    body: {
      snapshot_name: request.name,
      timeout_min: request.timeoutMinutes,
      auto_pause: request.autoPause,
      network_policy: networkPolicy(request.network),
    },
  }),
  ssh: {
    validate: (sandboxId, { accessId, password }) => ({
      path: `${sandboxPath(sandboxId)}/ssh/validate`,
      body: { id: accessId, password },
    }),
    set: anySet,
    anySet,
  },
} satisfies Dialect;
