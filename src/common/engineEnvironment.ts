import { quote } from './shell.ts';

/** A TCP address of the local engine, and the key that it takes there. */
export interface EngineAddress {
  readonly url: string;
  readonly key: string;
}

/**
 * No name below it exists (RFC 6761, section 6.4). The SDKs make addresses of a sandbox's own servers of the domain, which
 * the engine has not: with Leap0's, their default, they would send the key there.
 */
const noDomain = 'sandbox.invalid';

/** The variables by which Leap0's SDKs find the local engine, as lines for a shell. */
export function shellExports({ url, key }: EngineAddress): string {
  const variables = { LEAP0_BASE_URL: url, LEAP0_API_KEY: key, LEAP0_SANDBOX_DOMAIN: noDomain };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  return lines.join('');
}
