import type { Dialect } from './dialect.ts';
import { networkPolicy } from './networkPolicy.ts';
import { restoreSnapshotPath, sandboxPath } from './paths.ts';

const sshPath = (sandboxId: string, accessId: string) =>
  `${sandboxPath(sandboxId)}/ssh/${encodeURIComponent(accessId)}`;

/** The API as leap0-openapi.yaml describes it, which is also what the local engine speaks. */
export const revisionB = {
  revision: 'B',
  lists: true,
  spelling: 'B',
  keyProof: { path: '/v1/sandboxes?page-size=1', status: 200 },
  verbs: new Set(['stop', 'start']),
  create: (request) => ({
    path: '/v1/sandbox/',
    body: {
      template_name: request.template,
      vcpu: request.vcpu,
      memory: request.memoryMib,
      timeout: request.timeoutMinutes * 60,
      auto_pause: request.autoPause,
      env_vars: request.env,
      network_policy: networkPolicy(request.network),
    },
  }),
  createSnapshot: (sandboxId, { name, deleteSandbox = false }) => ({
    path: `${sandboxPath(sandboxId)}/snapshot/create`,
    body: { name, kill_sandbox_after: deleteSandbox },
  }),
  restoreSnapshot: (request) => ({
    path: restoreSnapshotPath,
    body: {
      snapshot_name: request.name,
      timeout: request.timeoutMinutes * 60,
      auto_pause: request.autoPause,
      network_policy: networkPolicy(request.network),
    },
  }),
  snapshotList: (page, pageSize) => `/v1/snapshots?page=${page}&page-size=${pageSize}`,
  presignedUrls: (sandboxId) => `${sandboxPath(sandboxId)}/presigned-url`,
  ssh: {
    validate: (sandboxId, { accessId, password }) => ({
      path: `${sshPath(sandboxId, accessId)}/validate`,
      body: { password },
    }),
    set: (sandboxId, accessId) => ({
      revoke: { path: sshPath(sandboxId, accessId) },
      regenerate: { path: `${sshPath(sandboxId, accessId)}/regen` },
    }),
  },
} satisfies Dialect;
