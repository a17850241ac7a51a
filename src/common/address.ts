import { BlockList, isIP } from 'node:net';

/** Whether a host, written without brackets, is this machine itself. */
export function isLoopback(name: string): boolean {
  if (isIP(name)) return isInNetwork(name, '127.0.0.0/8') || isInNetwork(name, '::1/128');
  return name === 'localhost' || name.endsWith('.localhost');
}

/** Whether an address is one of a network such as `10.0.0.0/8` or `fd00::/8`. */
export function isInNetwork(address: string, network: string): boolean {
  const parts = partsOf(network);
  if (!parts) return false;
  const list = new BlockList();
  list.addSubnet(parts.base, parts.length, family(parts.base));
  return list.check(address, family(address));
}

/** Whether this is a network of addresses in CIDR notation (RFC 4632, section 3.1; RFC 4291, section 2.3). */
export const isNetwork = (text: string): boolean => partsOf(text) !== undefined;

/** The bits of an address. */
export const bits = (address: string): number => (isIP(address) === 4 ? 32 : 128);

function partsOf(network: string): { base: string; length: number } | undefined {
  const [, base = '', prefix] = /^([^/%]+)\/(\d{1,3})$/.exec(network) ?? [];
  const length = Number(prefix);
  return isIP(base) && length <= bits(base) ? { base, length } : undefined;
}

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');
