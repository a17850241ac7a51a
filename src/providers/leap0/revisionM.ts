import type { Dialect, Post, SshDialect, SshSet } from './dialect.ts';
import { resumeSnapshotPath } from './paths.ts';
import { revisionA } from './revisionA.ts';
import { revisionB } from './revisionB.ts';

/** What the revisions between A and B have as B has it. */
const listing = {
  lists: true,
  keyProof: revisionB.keyProof,
  snapshotList: revisionB.snapshotList,
} as const;

export const revisionM1: Dialect = { ...revisionA, ...listing, revision: 'M1' };

/** Documents and SDKs of M2 do not agree on these routes. */
const create = (body: object): Post => ({
  path: '/v1/sandbox',
  body,
  otherwise: { path: '/v1/sandbox/', body },
});

const eitherSet = (exact: SshSet, any: SshSet): SshSet => ({
  revoke: { ...exact.revoke, otherwise: any.revoke },
  regenerate: { ...exact.regenerate, otherwise: any.regenerate },
});

const eitherSsh: SshDialect = {
  validate: (sandboxId, access) => ({
    ...revisionB.ssh.validate(sandboxId, access),
    otherwise: revisionA.ssh.validate(sandboxId, access),
  }),
  set: (sandboxId, accessId) =>
    eitherSet(revisionB.ssh.set(sandboxId, accessId), revisionA.ssh.anySet(sandboxId)),
  anySet: revisionA.ssh.anySet,
};

export const revisionM2: Dialect = {
  ...revisionB,
  revision: 'M2',
  verbs: new Set(),
  create: (request) => create(revisionB.create(request).body),
  createSnapshot: revisionA.createSnapshot,
  restoreSnapshot: (request) => ({
    path: resumeSnapshotPath,
    body: revisionB.restoreSnapshot(request).body,
  }),
  ssh: eitherSsh,
};

/** M1 or M2. What a service does not know it ignores, or refuses by its name: either way no sandbox gets a wrong size. */
export const revisionM: Dialect = {
  ...revisionM2,
  revision: 'M',
  spelling: undefined,
  create: (request) => create({ ...revisionA.create(request).body, ...revisionB.create(request).body }),
  restoreSnapshot: (request) => ({
    path: resumeSnapshotPath,
    body: { ...revisionA.restoreSnapshot(request).body, ...revisionB.restoreSnapshot(request).body },
  }),
};
