import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { Redactor } from '../../../src/common/redactor.ts';
import { openLeap0 } from '../../../src/providers/index.ts';
import type { Leap0Cloud } from '../../../src/providers/leap0/cloud.ts';
import type { Revision } from '../../../src/providers/leap0/dialect.ts';
import type { Leap0AccountOptions } from '../../../src/providers/leap0/open.ts';
import { networkOf } from '../net/testClient.ts';
import type { TestServers } from '../net/testServers.ts';

/** One request as the service got it. */
export interface Asked {
  /** Such as `POST /v1/sandbox/`, with its query. */
  readonly call: string;
  readonly body: unknown;
  readonly authorization: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** What the service answers: a status and JSON; nothing at all is no answer. */
export type Answering = (asked: Asked) => Answer | undefined | Promise<Answer | undefined>;
type Answer = readonly [status: number, body?: unknown];

export interface TestAccount {
  readonly open: (more?: Partial<Leap0AccountOptions>) => Promise<Leap0Cloud>;
  readonly baseUrl: string;
  readonly server: Server;
  readonly asked: Asked[];
  /** The calls of it, without those that find the revision. */
  readonly calls: () => string[];
  readonly ids: string[];
  /** The IDs that were told to be gone. */
  readonly gone: string[];
  readonly revision: { kept: Revision | undefined };
  /** The log, as it would be written down. */
  readonly lines: string[];
  readonly redactor: Redactor;
}

export const theKey = 'key-0123456789';

/** A Leap0 account at a server of the test's own that writes down what it is asked. */
export async function accountAt(
  servers: TestServers,
  answering: Answering,
  kept?: Revision,
): Promise<TestAccount> {
  const asked: Asked[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const sent = await text(request);
    const { method = '', url = '', headers } = request;
    const one = {
      call: `${method} ${url}`,
      body: sent ? JSON.parse(sent) : undefined,
      authorization: headers.authorization,
      headers,
    };
    asked.push(one);
    const answer = await answering(one);
    if (!answer) return;
    const [status, body] = answer;
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const { port, server } = await servers.http((request, response) => void serve(request, response));
  const account = {
    baseUrl: `http://127.0.0.1:${port}`,
    server,
    asked,
    calls: () => asked.filter((one) => !isQuestion(one)).map(({ call }) => call),
    ids: [] as string[],
    gone: [] as string[],
    revision: { kept },
    lines: [] as string[],
    redactor: new Redactor(),
  };
  return { ...account, open: (more) => openLeap0({ ...optionsOf(account), ...more }) };
}

/** What is asked to find the revision. */
const questions = ['GET /v1/sandboxes?page-size=1', 'POST /v1/snapshot/restore', 'POST /v1/snapshot/resume'];
const isQuestion = ({ call, body }: Asked) =>
  questions.includes(call) && (call.startsWith('GET') || isDeepStrictEqual(body, {}));

function optionsOf(account: Omit<TestAccount, 'open'>): Leap0AccountOptions {
  const { baseUrl, ids, gone, lines, redactor, revision } = account;
  const write = (line: string) => void lines.push(redactor.clean(line));
  const remove = (id: string) => void ids.splice(ids.indexOf(id), 1);
  return {
    baseUrl,
    key: async () => theKey,
    hide: (secret) => redactor.hide(secret),
    log: { debug: write, info: write, warn: write, error: write },
    network: networkOf({}),
    environment: {},
    timeouts: () => ({ callMs: 5_000, createMs: 5_000 }),
    revision: { get: () => revision.kept, set: async (found) => void (revision.kept = found) },
    knownIds: {
      all: async () => Array.from(ids),
      add: async (id) => void (ids.includes(id) || ids.push(id)),
      remove: async (id) => remove(id),
      gone: async (id) => {
        remove(id);
        gone.push(id);
      },
    },
  };
}

const sandbox = { id: 'sb-1', state: 'running' };
const session = { id: 'pty-1', active: true };
const snapshot = { id: 'sn-1', name: 'warm' };
const access = {
  id: 'ssh-1',
  password: 'p4ssword',
  ssh_command: 'ssh ssh-1@gateway.test -p 2222',
  expires_at: '2030-01-01T00:00:00Z',
};
const nothing = { message: 'There is no such thing.' };

/** A service that has one sandbox, `sb-1`, and does whatever it is asked. */
export const obliging =
  (revision: Revision) =>
  ({ call, body }: Asked): Answer => {
    const [method = '', path = ''] = call.replace(/\?.*/, '').split(' ');
    if (/^\/v1\/snapshot\/re(store|sume)$/.test(path)) {
      if (path.endsWith('restore') !== (revision === 'B')) return [404, nothing];
      if (!isDeepStrictEqual(body, {})) return [201, sandbox];
      return [400, { message: 'Invalid', errors: [{ field: 'snapshot_name', error: 'is required' }] }];
    }
    if (path === '/v1/sandboxes') {
      return revision === 'A' ? [404, nothing] : [200, { items: [sandbox], total_items: 1 }];
    }
    if (path === '/v1/snapshots') return [200, { items: [snapshot], total_items: 1 }];
    if (method === 'DELETE') return [204];
    if (path.endsWith('/execute')) return [200, { exit_code: 0, stdout: '', stderr: '' }];
    if (path.endsWith('/pty')) return method === 'GET' ? [200, { items: [session] }] : [201, session];
    if (path.includes('/pty/')) return [200, session];
    if (path.endsWith('/presigned-url')) {
      return [201, { id: 'url-1', token: 't', url: 'https://t.leap0.app', port: 80, expires_at: 9 }];
    }
    if (/\/ssh\/.*validate$/.test(path)) return [200, { valid: true, sandbox_id: 'sb-1' }];
    if (path.includes('/ssh/')) return [201, access];
    if (path.includes('/snapshot/')) return [201, snapshot];
    return path === '/v1/sandbox/none/' ? [404, nothing] : [200, sandbox];
  };
