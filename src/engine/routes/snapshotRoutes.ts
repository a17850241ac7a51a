import {
  snapshotCreateRequest,
  snapshotListQuery,
  snapshotRestoreRequest,
  type SnapshotCreateRequest,
} from '../../providers/leap0/wire/requests.ts';
import { param, type ApiHandler, type ApiRequest } from '../http/api.ts';
import { decode } from '../http/body.ts';
import type { Route } from '../http/router.ts';
import { sandboxAnswer } from '../sandbox/record.ts';
import type { SandboxRegistry } from '../sandbox/registry.ts';
import { snapshotAnswer, type SnapshotRecord } from '../snapshot/record.ts';
import type { SnapshotRegistry } from '../snapshot/registry.ts';
import { page } from './page.ts';

/**
 * Snapshots (leap0-openapi.yaml, tag Snapshot), in the spellings of both revisions: what B calls `restore` is `resume` in
 * A, and a snapshot that ends its sandbox is a `pause` there. Only of a sandbox that runs, as Leap0 documents it: one that is paused
 * is not woken for it, and answers 409.
 */
export function snapshotRoutes(sandboxes: SandboxRegistry, snapshots: SnapshotRegistry): Route<ApiHandler>[] {
  const create = async (request: ApiRequest, spelling: Partial<SnapshotCreateRequest> = {}) => {
    const sandbox = sandboxes.get(param(request, 'id'));
    const wanted = decode(snapshotCreateRequest, await request.json());
    const created = await snapshots.create(sandbox, { ...wanted, ...spelling });
    return { status: 201, body: snapshotAnswer(created) };
  };
  const restore: ApiHandler = async (request) => {
    const wanted = decode(snapshotRestoreRequest, await request.json());
    const restored = await snapshots.restore(wanted.snapshotName, (record, fill) =>
      sandboxes.restore(record, wanted, fill),
    );
    return { status: 201, body: sandboxAnswer(restored.record) };
  };
  return [
    {
      method: 'POST',
      pattern: '/v1/sandbox/:id/snapshot/create',
      handler: (request) => create(request),
    },
    {
      method: 'POST',
      pattern: '/v1/sandbox/:id/snapshot/pause',
      handler: (request) => create(request, { kill_sandbox_after: true }),
    },
    { method: 'POST', pattern: '/v1/snapshot/restore', handler: restore },
    { method: 'POST', pattern: '/v1/snapshot/resume', handler: restore },
    {
      method: 'GET',
      pattern: '/v1/snapshots',
      handler: ({ query }) => ({ status: 200, body: list(snapshots.all(), query) }),
    },
    {
      method: 'DELETE',
      pattern: '/v1/snapshot/:id',
      handler: async (request) => {
        await snapshots.delete(param(request, 'id'));
        return { status: 204 };
      },
    },
  ];
}

function list(records: SnapshotRecord[], parameters: URLSearchParams) {
  const query = decode(snapshotListQuery, Object.fromEntries(parameters));
  const wanted = query.query.toLowerCase();
  const matching = records.filter(({ name }) => name.toLowerCase().includes(wanted));
  return page(matching, query, query.sort === 'template_id' ? byTemplate : byAge, snapshotAnswer);
}

const byTemplate = (a: SnapshotRecord, b: SnapshotRecord) => a.template.localeCompare(b.template, 'en');
const byAge = (a: SnapshotRecord, b: SnapshotRecord) => a.createdAt - b.createdAt;
