import { isLoopback } from '../common/address.ts';
import type { NetworkSettings } from './network.ts';
import { entriesOf, isExempt, type Host } from './noProxy.ts';
import { Unreachable } from './unreachable.ts';

export interface Proxy {
  /** `http:` or `https:`, the way to the proxy itself; never with credentials. */
  readonly url: URL;
  /** The value of `Proxy-Authorization`: a secret. */
  readonly authorization: string | undefined;
  /** Everything about this proxy that must never be written down. */
  readonly secrets: readonly string[];
  /** The setting or variable that names the proxy, for a person. */
  readonly source: string;
}

/** Lower case first, as VS Code and curl read them. */
const variables = {
  plain: ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
  // A machine with nothing but HTTP_PROXY means it for everything, as VS Code and undici have it.
  secure: ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
};

/**
 * The proxy on the way to a URL, or nothing when the way is direct. The editor's settings go before the environment;
 * the editor's list of exceptions replaces that of the environment, as in VS Code itself.
 * @throws Unreachable when a proxy is asked for that cannot be used: going around it could reveal what it is to hide.
 */
export function proxyFor(url: URL, settings: NetworkSettings): Proxy | undefined {
  if (!settings.useProxy || isDirect(hostOf(url), settings)) return undefined;
  const found = named(url, settings);
  if (!found) return undefined;
  const address = parse(found.value, found.source);
  const password = decoded(address.password);
  const authorization = settings.proxyAuthorization || basic(decoded(address.username), password);
  const secrets = [authorization, authorization?.split(' ').at(-1), address.password, password];
  address.username = '';
  address.password = '';
  return {
    url: address,
    authorization,
    secrets: secrets.filter((secret) => secret !== undefined),
    source: found.source,
  };
}

/** Where a URL's connection goes to, default ports included. */
export function hostOf(url: URL): Host {
  const isPlain = url.protocol === 'http:';
  const name = url.hostname.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  return { name, port: url.port ? Number(url.port) : isPlain ? 80 : 443 };
}

function isDirect(host: Host, { noProxy, env }: NetworkSettings): boolean {
  const entries = noProxy.length > 0 ? noProxy : entriesOf(env['no_proxy'] || env['NO_PROXY']);
  return isLoopback(host.name) || entries.some((entry) => isExempt(host, entry));
}

function named(url: URL, { proxy, env }: NetworkSettings): { value: string; source: string } | undefined {
  if (proxy.trim()) return { value: proxy.trim(), source: 'the setting http.proxy' };
  const names = url.protocol === 'http:' ? variables.plain : variables.secure;
  const name = names.find((candidate) => env[candidate]?.trim());
  const value = name && env[name]?.trim();
  return value ? { value, source: `the environment variable ${name}` } : undefined;
}

function parse(value: string, source: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  // The value itself stays out of the messages: it may hold a password.
  if (!URL.canParse(text)) {
    throw new Unreachable('network', `The proxy in ${source} is not an address.`, {
      passing: false,
      advice: 'It looks like http://proxy.example.com:3128.',
    });
  }
  const url = new URL(text);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  const kind = url.protocol.slice(0, -1);
  throw new Unreachable('network', `The proxy in ${source} is of the kind ${kind}, which is not supported.`, {
    passing: false,
    advice: 'Name an HTTP proxy (http://… or https://…), or add the service to http.noProxy.',
  });
}

function basic(user: string, password: string): string | undefined {
  if (!user && !password) return undefined;
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** A percent sign that escapes nothing is meant as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
