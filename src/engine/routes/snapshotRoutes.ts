import {
  snapshotCreateRequest,
  snapshotListQuery,
  snapshotRestoreRequest,
} from '../../providers/leap0/wire/requests.ts';
import { param, type ApiHandler } from '../http/api.ts';
import { decode } from '../http/body.ts';
import type { Route } from '../http/router.ts';
import { sandboxAnswer } from '../sandbox/record.ts';
import type { SandboxRegistry } from '../sandbox/registry.ts';
import { snapshotAnswer, type SnapshotRecord } from '../snapshot/record.ts';
import type { SnapshotRegistry } from '../snapshot/registry.ts';
import { page } from './page.ts';

/**
 * Snapshots (leap0-openapi.yaml, tag Snapshot). Only of a sandbox that runs, as Leap0 documents it: one that is paused
 * is not woken for it, and answers 409.
 */
export function snapshotRoutes(sandboxes: SandboxRegistry, snapshots: SnapshotRegistry): Route<ApiHandler>[] {
  return [
    {
      method: 'POST',
      pattern: '/v1/sandbox/:id/snapshot/create',
      handler: async (request) => {
        const sandbox = sandboxes.get(param(request, 'id'));
        const created = await snapshots.create(sandbox, decode(snapshotCreateRequest, await request.json()));
        return { status: 201, body: snapshotAnswer(created) };
      },
    },
    {
      method: 'POST',
      pattern: '/v1/snapshot/restore',
      handler: async (request) => {
        const wanted = decode(snapshotRestoreRequest, await request.json());
        const restored = await snapshots.restore(wanted.snapshotName, (record, fill) =>
          sandboxes.restore(record, wanted, fill),
        );
        return { status: 201, body: sandboxAnswer(restored.record) };
      },
    },
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
