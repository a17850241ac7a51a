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

/** What is wrong with a certificate, as the end of "The certificate of X …", and what can be done about it. */
export function certificateFault(code: string): { fault: string; advice: string } | undefined {
  if (untrusted.has(code)) {
    return {
      fault: 'comes from an authority that this machine does not trust',
      advice:
        "If your organisation's proxy inspects TLS, install its CA in the operating system, or name the file in " +
        'NODE_EXTRA_CA_CERTS, and start the editor again.',
    };
  }
  return faults[code];
}

/** Source: the error codes of X.509 in Node's `tls` documentation. */
const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);

const faults: Readonly<Record<string, { fault: string; advice: string }>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: {
    fault: 'is made out to another name',
    advice: 'Check the address: something else may be answering there.',
  },
  CERT_HAS_EXPIRED: {
    fault: 'has expired',
    advice: "Check this machine's clock; if it is right, only whoever runs the service can help.",
  },
  CERT_NOT_YET_VALID: { fault: 'is not valid yet', advice: "Check this machine's clock." },
  CERT_REVOKED: { fault: 'has been revoked', advice: 'Only whoever runs the service can help.' },
};
