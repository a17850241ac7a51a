import type { CallOptions } from './provider.ts';

export interface PresignedUrl {
  readonly id: string;
  /** A secret, told only once: whoever has it can use the port. */
  readonly url: string;
  /** The secret in the URL, where the service answers it separately. */
  readonly token: string | undefined;
  readonly port: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface PresignedUrlRequest {
  /** 1 to 65535. */
  readonly port: number;
  /** At least 1; the service's own choice where it is missing. */
  readonly expiresInSeconds?: number | undefined;
}

/** URLs for whoever holds them, a browser too. A request to one wakes a paused sandbox. */
export interface PresignedUrls {
  create(sandboxId: string, request: PresignedUrlRequest, options?: CallOptions): Promise<PresignedUrl>;
  delete(sandboxId: string, id: string, options?: CallOptions): Promise<void>;
}

/** The facet of a provider whose sandboxes' ports have addresses on the Internet. */
export interface Ports {
  /**
   * The address of a port, or of the sandbox's main one. It takes only requests with the account's key in a header, so
   * a browser cannot open it. A request to it wakes a paused sandbox.
   * @throws ProviderError `invalid` when the port or the path is none
   */
  invokeUrl(sandboxId: string, path?: string, port?: number): string;
  /** The same for a WebSocket. */
  websocketUrl(sandboxId: string, path?: string, port?: number): string;
  /** Missing where the service has none. */
  readonly presigned?: PresignedUrls;
}
