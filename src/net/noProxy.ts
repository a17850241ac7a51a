import { isIP } from 'node:net';
import { bits, isInNetwork } from '../common/address.ts';

/** A host as `proxyFor` hands it over: lower case, without brackets or a final dot. */
export interface Host {
  readonly name: string;
  readonly port: number;
}

/**
 * Whether an entry of a `no_proxy` list means this host. There is no standard; as curl, Go and VS Code have it:
 * `*` is every host; `example.com`, `.example.com` and `*.example.com` are that domain and everything below it;
 * `10.0.0.1` and `[::1]` are addresses, `10.0.0.0/8` and `fd00::/8` are networks of addresses; all but a network may
 * be followed by `:port`. A host's name is never looked up to compare it with an address.
 */
export function isExempt(host: Host, entry: string): boolean {
  const rule = entry.trim().toLowerCase();
  if (rule === '*') return true;
  if (rule.includes('/')) return isIP(host.name) > 0 && isInNetwork(host.name, rule);
  const { name, port } = split(rule);
  if (!name || (port !== undefined && port !== host.port)) return false;
  if (isIP(name)) return isIP(host.name) === isIP(name) && isInNetwork(host.name, `${name}/${bits(name)}`);
  const domain = name.replace(/^\*?\./, '');
  return host.name === domain || (!isIP(host.name) && host.name.endsWith(`.${domain}`));
}

/** The entries of a list in a variable, which are divided by commas or blanks. */
export const entriesOf = (list: string | undefined): string[] => list?.split(/[\s,]+/).filter(Boolean) ?? [];

function split(rule: string): { name: string; port?: number } {
  if (isIP(rule)) return { name: rule };
  const match = /^(?:\[(?<address>[^\]]*)\]|(?<name>[^:]*))(?::(?<port>\d+))?$/.exec(rule)?.groups;
  const name = (match?.['address'] ?? match?.['name'] ?? '').replace(/\.$/, '');
  return match?.['port'] === undefined ? { name } : { name, port: Number(match['port']) };
}
