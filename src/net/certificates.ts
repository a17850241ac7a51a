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
