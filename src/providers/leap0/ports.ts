import { ProviderError } from '../../sandboxes/errors.ts';
import { isHostName } from '../../sandboxes/networkInput.ts';
import type { Ports, PresignedUrl, PresignedUrlRequest, PresignedUrls } from '../../sandboxes/ports.ts';
import type { CallOptions } from '../../sandboxes/provider.ts';
import type { Leap0Api, Leap0Options } from './api.ts';

/** Of a presigned URL (leap0-openapi.yaml, `expires_in`). */
const usualExpirySeconds = 3600;

/** The addresses of ports. Source: leap0.md, "Sandboxes"; leap0-openapi.yaml, tag Presigned URL. */
export class Leap0Ports implements Ports {
  readonly #sandboxDomain: string;
  readonly presigned?: PresignedUrls;

  constructor(
    api: Leap0Api,
    {
      sandboxDomain,
      dialect,
      hide,
    }: Pick<Leap0Options, 'dialect' | 'hide'> & { readonly sandboxDomain: string },
  ) {
    this.#sandboxDomain = sandboxDomain;
    if (dialect.presignedUrls) this.presigned = new Leap0PresignedUrls(api, dialect.presignedUrls, hide);
  }

  invokeUrl(sandboxId: string, path = '/', port?: number): string {
    return this.#url('https', sandboxId, path, port);
  }

  websocketUrl(sandboxId: string, path = '/', port?: number): string {
    return this.#url('wss', sandboxId, path, port);
  }

  #url(scheme: 'https' | 'wss', sandboxId: string, path: string, port: number | undefined): string {
    if (port !== undefined) checkPort(port);
    const label = port === undefined ? sandboxId : `${sandboxId}-${port}`;
    // One label of a DNS name, so that nothing in an ID can lead to another host.
    if (label.includes('.') || !isHostName(label)) {
      throw new ProviderError('invalid', `The sandbox ${sandboxId} has no address: its ID fits into no URL.`);
    }
    const url = URL.parse(
      `${scheme}://${label}.${this.#sandboxDomain}${path.startsWith('/') ? path : `/${path}`}`,
    );
    if (url) return url.href;
    throw new ProviderError('invalid', `${JSON.stringify(path)} fits into no URL.`);
  }
}

class Leap0PresignedUrls implements PresignedUrls {
  readonly #api: Leap0Api;
  readonly #pathOf: (sandboxId: string) => string;
  readonly #hide: (secret: string) => void;

  constructor(api: Leap0Api, pathOf: (sandboxId: string) => string, hide: (secret: string) => void) {
    this.#api = api;
    this.#pathOf = pathOf;
    this.#hide = hide;
  }

  async create(
    sandboxId: string,
    request: PresignedUrlRequest,
    options: CallOptions = {},
  ): Promise<PresignedUrl> {
    checkPort(request.port);
    const created = await this.#api.createPresignedUrl(this.#pathOf(sandboxId), request, options);
    if (created.token) this.#hide(created.token);
    this.#hide(created.url);
    const { expiresInSeconds = usualExpirySeconds } = request;
    return {
      ...created,
      port: created.port ?? request.port,
      expiresAt: created.expiresAt ?? Date.now() + expiresInSeconds * 1000,
    };
  }

  delete(sandboxId: string, id: string, options: CallOptions = {}): Promise<void> {
    return this.#api.deletePresignedUrl(this.#pathOf(sandboxId), id, options);
  }
}

function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return;
  throw new ProviderError('invalid', 'There is no such port.', {
    fields: [{ field: 'port', error: 'A port is a number from 1 to 65535.' }],
  });
}
