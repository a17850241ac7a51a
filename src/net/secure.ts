import { isIP, type Socket } from 'node:net';
import {
  connect,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { NetworkSettings } from './network.ts';

/** Reading some hundred certificates takes tens of milliseconds, so it is done once. */
const contexts = new Map<boolean, SecureContext>();

/**
 * TLS over a connection, or over a tunnel; `secureConnect` tells that it stands. Trusted are Node's own CAs, those of
 * NODE_EXTRA_CA_CERTS and, unless the settings say otherwise, the operating system's: VS Code adds the latter only to
 * connections that are made by `https`.
 */
export function secure(
  socket: Socket,
  host: string,
  { strictSsl, systemCertificates }: NetworkSettings,
): TLSSocket {
  return connect({
    socket,
    host,
    // An address has no place in the TLS handshake's server name (RFC 6066, section 3).
    ...(isIP(host) ? {} : { servername: host }),
    secureContext: contextOf(systemCertificates),
    rejectUnauthorized: strictSsl,
    ALPNProtocols: ['http/1.1'],
  });
}

function contextOf(systemCertificates: boolean): SecureContext {
  const known = contexts.get(systemCertificates);
  if (known) return known;
  const context = createSecureContext(trusted(systemCertificates));
  contexts.set(systemCertificates, context);
  return context;
}

function trusted(systemCertificates: boolean): { ca?: string[] } {
  // Node has it since 22.15; before that its own CAs and those of NODE_EXTRA_CA_CERTS are all that can be had.
  if (!getCACertificates) return {};
  const system = systemCertificates ? getCACertificates('system') : [];
  return { ca: [...new Set([...getCACertificates('default'), ...system])] };
}
