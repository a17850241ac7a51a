import { isLoopback } from '../common/address.ts';
import { checkHeaderName, isHostName } from './networkInput.ts';

/** What is wrong with the address of a service that was typed; nothing when it is right. */
export function checkServiceUrl(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    return 'Type an address such as https://api.example.com.';
  }
  if (url.username || url.password) return 'The address must hold no user name and no password.';
  if (url.pathname !== '/' || url.search || url.hash)
    return 'The address must end after the host or its port.';
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
    return 'The address must begin with https://, since a key is sent to it.';
  }
  return undefined;
}

/** What is wrong with a domain that was typed, below which sandboxes have their addresses; nothing when it is right. */
export function checkSandboxDomain(domain: string): string | undefined {
  return isHostName(domain.trim()) ? undefined : 'Type a domain such as sandbox.example.com.';
}

/** Headers that a connection needs for itself, or that say what is asked for and in which form. */
const reservedHeader =
  /^(accept|connection|date|expect|host|http2-settings|keep-alive|origin|range|te|trailer|transfer-encoding|upgrade|via|(accept|content|if|proxy|sec)-.*)$/i;

/** What is wrong with the name of the header in which a key is to be sent; nothing when it is right. */
export function checkKeyHeader(text: string): string | undefined {
  const name = text.trim();
  const isReserved = reservedHeader.test(name);
  return checkHeaderName(name) ?? (isReserved ? `A request needs the header ${name} for itself.` : undefined);
}

/** What is wrong with a key that was typed; nothing when it may be one. */
export function checkKeyText(key: string): string | undefined {
  // Nothing else could be sent in a header (RFC 6750, section 2.1, is narrower still).
  return /^[\x21-\x7e]+$/.test(key.trim())
    ? undefined
    : 'A key has no blanks and no special characters in it.';
}
