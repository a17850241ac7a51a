// A sandbox service that keeps nothing but a list: Leap0's protocol, as much of it as a fleet needs (leap0.md).
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What every sandbox here has in its environment: nobody may write it down. */
export const secret = 'sk-live-of-the-service';

export interface SandboxService {
  readonly origin: string;
  /** Every request, such as `GET /v1/sandboxes`. */
  readonly asked: string[];
  /** Whether it answers nothing for the time being. */
  hold: boolean;
  close(): void;
}

type State = Map<string, string>;

const firstLaunch = 1_760_000_000;

/** Starts a service with that many sandboxes, `s0` and so on; all run but the last ones, which never get started. */
export async function startSandboxService(count: number, starting = 0): Promise<SandboxService> {
  const stateOf = (index: number) => (index < count - starting ? 'running' : 'starting');
  const sandboxes: State = new Map(
    Array.from({ length: count }, (_, index) => [`s${index}`, stateOf(index)]),
  );
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://service');
    asked.push(`${request.method} ${url.pathname}`);
    request.resume();
    if (service.hold) return;
    const answer = answerTo(sandboxes, `${request.method} ${url.pathname}`, url.searchParams);
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { message: 'There is no such sandbox.' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const service = {
    origin: `http://127.0.0.1:${port}`,
    asked,
    hold: false,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return service;
}

function answerTo(sandboxes: State, call: string, query: URLSearchParams): object | undefined {
  if (call === 'GET /v1/sandboxes') return page(sandboxes, query);
  if (call === 'POST /v1/sandbox/') return whole(sandboxes, `s${sandboxes.size}`, 'running');
  const [, id = '', verb] = /^\w+ \/v1\/sandbox\/([^/]+)\/(\w*)$/.exec(call) ?? [];
  if (!sandboxes.has(id)) return undefined;
  if (call.startsWith('DELETE')) {
    sandboxes.delete(id);
    return {};
  }
  const next = { pause: 'paused', stop: 'stopped', start: 'running' }[verb ?? ''];
  return whole(sandboxes, id, next ?? sandboxes.get(id) ?? '');
}

function page(sandboxes: State, query: URLSearchParams): object {
  const size = Number(query.get('page-size'));
  const first = (Number(query.get('page')) - 1) * size;
  const rows = [...sandboxes].slice(first, first + size);
  return { items: rows.map(([id, state]) => listed(id, state)), total_items: sandboxes.size };
}

/** What a list tells of a sandbox. */
function listed(id: string, state: string): object {
  const created = firstLaunch + Number(id.slice(1));
  return {
    id,
    template_id: 'tpl-7f3a9c',
    pod_id: `pod-${id}`,
    state,
    created_at: new Date(created * 1000).toISOString(),
    launch_time: created,
    state_change_time: created + 2,
    timeout_at: created + 28_800,
  };
}

/** What the service tells of a single one; the list's `timeout_at` is not among it. */
function whole(sandboxes: State, id: string, state: string): object {
  sandboxes.set(id, state);
  const { timeout_at: _, ...common } = listed(id, state) as Record<string, unknown>;
  return {
    ...common,
    template_name: 'system/debian:bookworm',
    vcpu: 2,
    memory: 1024,
    disk: 8192,
    timeout: 28_800,
    auto_pause: true,
    env_vars: { API_KEY: secret },
    network_policy: { mode: 'allow-all' },
  };
}
