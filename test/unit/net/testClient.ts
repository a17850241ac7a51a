import * as v from 'valibot';
import type { Endpoint } from '../../../src/net/endpoint.ts';
import { Http, type HttpOptions } from '../../../src/net/http.ts';
import { plainNetwork, type Network, type NetworkSettings } from '../../../src/net/network.ts';
import { Redactor } from '../../../src/common/redactor.ts';

/** What every test server answers when all is well, and its schema. */
export const good = '{"name": "n"}';
export const schema = v.looseObject({ name: v.string() });
export const get = { method: 'GET', path: '/v1/thing' } as const;
export const post = { method: 'POST', path: '/v1/thing', body: { a: 1 } } as const;

export interface TestClient {
  readonly http: Http;
  /** The lines of the log, past the redactor. */
  readonly lines: string[];
}

export function clientOf(endpoint: Partial<Endpoint>, options: Partial<HttpOptions> = {}): TestClient {
  const lines: string[] = [];
  const redactor = new Redactor();
  const info = (line: string) => void lines.push(redactor.clean(line));
  const http = new Http({
    endpoint: async () => ({ origin: 'http://localhost', headers: {}, ...endpoint }),
    log: { debug: info, info, warn: info, error: info },
    timeoutMs: () => 20_000,
    readFailure: (body) =>
      typeof body === 'object' && body !== null && 'message' in body ? { message: String(body.message) } : {},
    maxBodyBytes: 10 * 1024 * 1024,
    ...options,
  });
  return { http, lines };
}

/** A network with the settings given here and an empty environment. */
export const networkOf = (settings: Partial<NetworkSettings>): Network => ({
  ...plainNetwork,
  settings: () => ({ ...plainNetwork.settings(), env: {}, ...settings }),
});
