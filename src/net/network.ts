/** What an editor's settings and the environment say about the way into the network. */
export interface NetworkSettings {
  /** Whether proxies are used at all. */
  readonly useProxy: boolean;
  /** The proxy's URL, credentials included; where it is empty the environment says. */
  readonly proxy: string;
  /** What is reached without a proxy; where it is empty the environment says. */
  readonly noProxy: readonly string[];
  /** The value of `Proxy-Authorization`; where it is missing, the credentials in the proxy's URL make one. */
  readonly proxyAuthorization: string | undefined;
  /** Whether the certificate of a service, or of a proxy, must be good. */
  readonly strictSsl: boolean;
  /** Whether the CAs of the operating system are trusted beside Node's own. */
  readonly systemCertificates: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Network {
  /** Asked at every connection, so a changed setting takes effect at the next. */
  readonly settings: () => NetworkSettings;
  /** Told of a proxy's credentials, which must never be written down. */
  readonly hide: (secret: string) => void;
}

/** The network as a program without an editor sees it: only the environment counts. */
export const plainNetwork: Network = {
  settings: () => ({
    useProxy: true,
    proxy: '',
    noProxy: [],
    proxyAuthorization: undefined,
    strictSsl: true,
    systemCertificates: true,
    env: process.env,
  }),
  hide: () => undefined,
};
