import { createRequest, listQuery } from '../../providers/leap0/wire/requests.ts';
import { param, type ApiHandler, type ApiRequest } from '../http/api.ts';
import { decode } from '../http/body.ts';
import { invalidField } from '../http/httpError.ts';
import type { Route } from '../http/router.ts';
import { homeFolder } from '../jail/bootScript.ts';
import { listableStates, listItem, sandboxAnswer, type SandboxRecord } from '../sandbox/record.ts';
import type { SandboxRegistry } from '../sandbox/registry.ts';
import { page } from './page.ts';

/** Create, list, get, pause, stop, start, delete (leap0-openapi.yaml, tag Sandbox). */
export function sandboxRoutes(registry: SandboxRegistry): Route<ApiHandler>[] {
  const sandbox = (request: ApiRequest) => registry.get(param(request, 'id'));
  return [
    {
      method: 'POST',
      pattern: '/v1/sandbox',
      handler: async (request) => {
        const created = await registry.create(decode(createRequest, await request.json()));
        return { status: 201, body: sandboxAnswer(created.record) };
      },
    },
    {
      method: 'GET',
      pattern: '/v1/sandboxes',
      handler: ({ query }) => ({ status: 200, body: list(registry.all(), query) }),
    },
    {
      method: 'GET',
      pattern: '/v1/sandbox/:id',
      handler: (request) => ({ status: 200, body: sandboxAnswer(sandbox(request).record) }),
    },
    {
      method: 'DELETE',
      pattern: '/v1/sandbox/:id',
      handler: async (request) => {
        await sandbox(request).delete();
        return { status: 204 };
      },
    },
    ...lifecycleRoutes(sandbox),
    ...systemRoutes(sandbox),
  ];
}

function lifecycleRoutes(
  find: (request: ApiRequest) => ReturnType<SandboxRegistry['get']>,
): Route<ApiHandler>[] {
  const calls = [
    { name: 'pause', status: 201 },
    { name: 'stop', status: 200 },
    { name: 'start', status: 200 },
  ] as const;
  return calls.map(({ name, status }) => ({
    method: 'POST',
    pattern: `/v1/sandbox/:id/${name}`,
    handler: async (request) => {
      const sandbox = find(request);
      await sandbox[name]();
      return { status, body: sandboxAnswer(sandbox.record) };
    },
  }));
}

/** Where things are, which is the same in all of them. */
function systemRoutes(find: (request: ApiRequest) => unknown): Route<ApiHandler>[] {
  const answers = { 'user-home-dir': { user_home_dir: homeFolder }, workdir: { workdir: homeFolder } };
  return Object.entries(answers).map(([name, body]) => ({
    method: 'GET',
    pattern: `/v1/sandbox/:id/system/${name}`,
    handler: (request) => {
      find(request);
      return { status: 200, body };
    },
  }));
}

function list(records: SandboxRecord[], parameters: URLSearchParams) {
  const query = decode(listQuery, Object.fromEntries(parameters));
  const { state } = query;
  if (state !== undefined && !listableStates.includes(state)) {
    throw invalidField('state', `must be one of ${listableStates.join(', ')}`);
  }
  const matching = records.filter((record) => state === undefined || record.state === state);
  return page(matching, query, query.sort === 'state' ? byState : byAge, listItem);
}

const byState = (a: SandboxRecord, b: SandboxRecord) => a.state.localeCompare(b.state, 'en');
const byAge = (a: SandboxRecord, b: SandboxRecord) => a.createdAt - b.createdAt;
